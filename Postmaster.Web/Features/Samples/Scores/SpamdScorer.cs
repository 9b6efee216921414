using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Postmaster.Web.Features.Samples.Scores;

/// <summary>Asks SpamAssassin's spamd (<c>SYMBOLS</c> of SPAMC/1.5). The address is the operator's, never a user's.</summary>
internal sealed class SpamdScorer(string host, int port) : ISampleScorer
{
    private const string Program = "SpamAssassin";

    /// <summary>Octets of an answer; a longer one is no score.</summary>
    private const int MaxAnswer = 64 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task<SampleScore> ScoreAsync(SampleInput input, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            return Read(await AskAsync(input.Message, limit.Token));
        }
        catch (Exception failed) when (failed is SocketException or IOException || (failed is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return SampleScore.Failed(Program, failed is OperationCanceledException ? "no answer within 30 seconds" : failed.Message);
        }
    }

    private async Task<string> AskAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, ct);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"SYMBOLS SPAMC/1.5\r\nContent-length: {message.Length}\r\n\r\n")), ct);
        await stream.WriteAsync(message, ct);
        client.Client.Shutdown(SocketShutdown.Send);
        byte[] answer = new byte[MaxAnswer];
        int length = await stream.ReadAtLeastAsync(answer, answer.Length, throwOnEndOfStream: false, ct);
        return Encoding.ASCII.GetString(answer, 0, length);
    }

    /// <summary>A status line, fields, an empty line, the names of the rules that matched.</summary>
    private static SampleScore Read(string answer)
    {
        string[] halves = answer.Split("\r\n\r\n", 2);
        string[] lines = halves[0].Split("\r\n");
        if (!lines[0].Contains(" 0 ", StringComparison.Ordinal))
            return SampleScore.Failed(Program, "it answered " + lines[0]);
        string[] verdict = lines.FirstOrDefault(l => l.StartsWith("Spam:", StringComparison.OrdinalIgnoreCase))?.Split(';', '/') ?? [];
        return verdict.Length == 3 && TryNumber(verdict[1], out double score) && TryNumber(verdict[2], out double required)
            ? new SampleScore(Program, score, required, halves.Length < 2 ? [] : halves[1].Split((char[])[',', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), null)
            : SampleScore.Failed(Program, "its answer holds no score");
    }

    private static bool TryNumber(string text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
