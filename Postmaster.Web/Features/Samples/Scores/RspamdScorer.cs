using System.Globalization;
using System.Text.Json;

namespace Postmaster.Web.Features.Samples.Scores;

/// <summary>Asks rspamd over HTTP (<c>/checkv2</c>). The address is the operator's, never a user's.</summary>
internal sealed class RspamdScorer(Uri url) : ISampleScorer, IDisposable
{
    private const string Program = "rspamd";

    /// <summary>Octets of an answer; a longer one is no score.</summary>
    private const int MaxAnswer = 1024 * 1024;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = MaxAnswer,
    };

    public void Dispose() => _http.Dispose();

    public async Task<SampleScore> ScoreAsync(SampleInput input, CancellationToken ct)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, "/checkv2")) { Content = new ReadOnlyMemoryContent(input.Message) };
            Add(request, "IP", input.Envelope?.Ip?.ToString());
            Add(request, "Helo", input.Envelope?.Helo);
            Add(request, "From", input.Envelope?.MailFrom?.ToString());
            using HttpResponseMessage response = await _http.SendAsync(request, ct);
            return response.IsSuccessStatusCode ? Read(await response.Content.ReadAsByteArrayAsync(ct)) : SampleScore.Failed(Program, string.Create(CultureInfo.InvariantCulture, $"it answered {(int)response.StatusCode}"));
        }
        catch (Exception failed) when (failed is HttpRequestException or JsonException or InvalidOperationException || (failed is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return SampleScore.Failed(Program, failed is OperationCanceledException ? "no answer within 10 seconds" : failed.Message);
        }
    }

    /// <summary>What the client said goes into a header of ours: only visible ASCII does.</summary>
    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value) && !value.AsSpan().ContainsAnyExceptInRange('!', '~'))
            request.Headers.TryAddWithoutValidation(name, value);
    }

    private static SampleScore Read(byte[] answer)
    {
        using var json = JsonDocument.Parse(answer);
        JsonElement root = json.RootElement;
        List<string> symbols = [];
        if (root.TryGetProperty("symbols", out JsonElement all) && all.ValueKind == JsonValueKind.Object)
            symbols.AddRange(all.EnumerateObject().Select(s => (s.Name, Score: Number(s.Value, "score"))).OrderByDescending(s => Math.Abs(s.Score)).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Score:+0.0;-0.0;0} {s.Name}")));
        return root.TryGetProperty("score", out _) ? new SampleScore(Program, Number(root, "score"), Number(root, "required_score"), symbols, null) : SampleScore.Failed(Program, "its answer holds no score");
    }

    private static double Number(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;
}
