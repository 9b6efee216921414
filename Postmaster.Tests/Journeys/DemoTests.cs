using System.Globalization;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Journeys;

/// <summary><c>serve --demo</c> as someone tries it who has just cloned the repository.</summary>
[SupportedOSPlatform("linux")]
public sealed partial class DemoTests(Screen screen) : IClassFixture<Screen>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180), HistoryPatience = TimeSpan.FromMinutes(15);
    private readonly string _data = Directory.CreateTempSubdirectory("postmaster-demo-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task The_demo_lets_one_in_shows_a_month_of_complaints_and_starts_again_over_its_folder()
    {
        Dictionary<string, long> first, second;
        await using (ServerProcess server = StartServer())
        {
            using PortalVisitor visitor = await SignInAsync(server);
            first = await WaitForHistoryAsync(server, visitor);
            Assert.Equal(3, first.Count);
            foreach (string domain in first.Keys)
                Assert.Contains($"Reports go to complaints@{domain}", (await visitor.GetAsync("/domains/" + domain)).Text, StringComparison.Ordinal);
            screen.Say($"The demo uses {ResidentMegabytes(server)} MB, its history made.");
            // The address and the password stay on the screen: nothing is logged of what goes well, and nothing asks for attention.
            // Kestrel's 22nd event warns that the machine is slow: of the demo it tells nothing.
            Assert.DoesNotContain(
                server.Lines,
                l => new[] { "info:", "warn:", "fail:" }.Any(level => l.Contains(level, StringComparison.Ordinal)) && !l.Contains("Microsoft.AspNetCore.Server.Kestrel[22]", StringComparison.Ordinal));
        }

        await AssertReportsAreSignedAsync(first.Keys);

        await using ServerProcess again = StartServer();
        using PortalVisitor returned = await SignInAsync(again);
        second = Complaints(await returned.GetAsync("/operator/domains"));
        Assert.All(first, domain => Assert.True(second[domain.Key] >= domain.Value, $"{domain.Key} had {domain.Value} complaints and has {second[domain.Key]}"));
        screen.Say($"Started again it uses {ResidentMegabytes(again)} MB.");
    }

    private ServerProcess StartServer() => ServerProcess.Start(["serve", "--demo", "--data", _data, "--urls", $"http://127.0.0.1:{FreePorts.Next()}"]);

    /// <summary>With the address and the words that the demo prints, and nothing else.</summary>
    private static async Task<PortalVisitor> SignInAsync(ServerProcess server)
    {
        string address = await PrintedAsync(server, "Open "), email = await PrintedAsync(server, "Sign in "), password = await PrintedAsync(server, "Password ");
        var visitor = new PortalVisitor(new Uri(address));
        await visitor.SignInAsync(email, password);
        return visitor;
    }

    private static async Task<string> PrintedAsync(ServerProcess server, string label) =>
        (await server.WaitForLineAsync(label, Patience))[label.Length..].Trim();

    private static async Task<Dictionary<string, long>> WaitForHistoryAsync(ServerProcess server, PortalVisitor visitor)
    {
        using var patience = new CancellationTokenSource(HistoryPatience);
        while (true)
        {
            PortalPage page = await visitor.GetAsync("/operator/domains");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Dictionary<string, long> counted = Complaints(page);
            if (counted.Count == 3 && counted.Values.All(c => c > 0) && await IsPresentAsync(visitor))
                return counted;
            Assert.False(patience.IsCancellationRequested, $"{page.Text}\n{string.Join('\n', server.Lines)}");
            await Task.Delay(500, CancellationToken.None);
        }
    }

    /// <summary>The demo's clock begins a month ago; the history is made when the pages say today.</summary>
    private static async Task<bool> IsPresentAsync(PortalVisitor visitor)
    {
        PortalPage operators = await visitor.GetAsync("/operator");
        string shown = operators.Document.QuerySelector("main time")!.GetAttribute("datetime")!;
        // On the same UTC day too, of which enough is left for the second start: what is counted over 30 days then begins with the same day.
        DateTimeOffset now = TimeProvider.System.GetUtcNow(), seen = DateTimeOffset.Parse(shown, CultureInfo.InvariantCulture);
        return now - seen < TimeSpan.FromHours(1) && seen.UtcDateTime.Date == now.UtcDateTime.Date && now.AddMinutes(5).UtcDateTime.Date == now.UtcDateTime.Date;
    }

    /// <summary>Complaints by domain, as the operator's list of domains shows them.</summary>
    private static Dictionary<string, long> Complaints(PortalPage page) => page.Document.QuerySelectorAll("table.data tbody tr").ToDictionary(
        row => row.QuerySelector("th a")!.GetAttribute("href")!["/domains/".Length..],
        row => row.QuerySelector("td[data-label='Complaints, 30 days']")!.TextContent.Trim() is var text && long.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out long count) ? count : 0,
        StringComparer.Ordinal);

    /// <summary>Every report in the demo's mail folder verifies with the key that <c>check health</c> says to publish.</summary>
    private async Task AssertReportsAreSignedAsync(IEnumerable<string> domains)
    {
        const string provider = "fbl.demo-mail.example";
        await using ServerProcess health = ServerProcess.Start(
            ["check", "health", "--json", "--data", _data], new Dictionary<string, string>(StringComparer.Ordinal) { ["Provider:Name"] = "Demo", ["Provider:Domain"] = provider });
        await health.WaitForExitAsync(Patience);
        JsonElement key = JsonDocument.Parse(Assert.Single(health.Lines, l => l.StartsWith('{'))).RootElement.GetProperty("signing_key");
        ZoneResolver zone = new ZoneResolver().AddTxt(key.GetProperty("name").GetString()!, key.GetProperty("value").GetString()!);
        var verifier = new DkimVerifier(zone);
        HashSet<string> reported = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_data, "*.eml", SearchOption.AllDirectories))
        {
            byte[] mail = await File.ReadAllBytesAsync(file);
            RawMessage message = MessageReader.Read(mail);
            if (ReportedDomain().Match(System.Text.Encoding.Latin1.GetString(mail)) is not { Success: true } match)
                continue;
            DkimResult signature = Assert.Single(await verifier.VerifyAsync(message, TimeProvider.System.GetUtcNow(), CancellationToken.None));
            Assert.True(signature.Status == DkimStatus.Pass, $"{file}: {signature.Reason}");
            Assert.Equal(provider, signature.Domain!.Ascii);
            reported.Add(match.Groups["domain"].Value);
        }

        Assert.Equal(domains.Order(StringComparer.Ordinal), reported.Order(StringComparer.Ordinal));
    }

    private static long ResidentMegabytes(ServerProcess server) => File.ReadLines($"/proc/{server.Id}/status")
        .Where(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(l => long.Parse(l["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024)
        .Single();

    [GeneratedRegex(@"^Reported-Domain: (?<domain>\S+?)\r?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ReportedDomain();
}
