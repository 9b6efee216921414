using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Suppression;

/// <summary>Feedback reports to news.example, and a folder for them that goes away.</summary>
internal static class Reports
{
    public const string Provider = "fbl.provider.example";

    private static readonly DkimPrivateKey Key = DkimPrivateKey.CreateRsa(2048);

    /// <param name="number">Makes recipient, Message-ID and links of this report its own.</param>
    public static string Of(int number = 1, string type = "abuse", string? fields = null, string? original = null) => $"""
        From: fbl@{Provider}
        To: complaints@news.example
        Subject: FW: Offer
        Message-ID: <report{number}@{Provider}>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="b"

        --b
        Content-Type: text/plain

        A complaint.
        --b
        Content-Type: message/feedback-report

        Feedback-Type: {type}
        User-Agent: Some/1.0
        Version: 1
        Arrival-Date: Sat, 21 Nov 2026 14:02:11 +0000
        {fields ?? $"Original-Mail-From: <bounce-{number}@news.example>\nOriginal-Rcpt-To: <user{number}@provider.example>\nReported-Domain: news.example\nSource-IP: 192.0.2.1"}

        --b
        Content-Type: text/rfc822-headers

        {original ?? Original(number)}
        --b--

        """;

    public static string Original(int number) => $"""
        From: hi@news.example
        To: user{number}@provider.example
        Message-ID: <{number}@news.example>
        List-Id: Spring <spring.news.example>
        List-Unsubscribe: <mailto:leave@news.example?subject=u{number}>, <https://news.example/u?id={number}&x=a,b>
        Feedback-ID: a:b:c:newsletter
        CFBL-Feedback-ID: cfbl-{number}
        """;

    public static byte[] Signed(string report, DkimSignerOptions? options = null, string domain = Provider) =>
        new DkimSigner(DomainName.Parse(domain), "s1", Key).Sign(Encoding.UTF8.GetBytes(report.ReplaceLineEndings("\r\n")), TimeProvider.System.GetUtcNow(), options);

    public static Fbl.Dns.ZoneResolver Zone() => new Fbl.Dns.ZoneResolver()
        .AddTxt($"s1._domainkey.{Provider}", Key.PublicKeyRecord)
        .AddTxt("s1._domainkey.provider.example", Key.PublicKeyRecord)
        .AddTxt("s1._domainkey.evil.example", Key.PublicKeyRecord);
}

/// <summary>A folder with a Maildir, a list and a program that notes what it is called with.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
internal sealed class Desk : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("postmaster-test-").FullName;

    public string List => At("suppressed.csv");

    public string Box => At("Maildir");

    public string At(string name) => Path.Combine(Folder, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(At(name), content);
        return At(name);
    }

    /// <summary>Makes the Maildir when it is not there.</summary>
    public void Deliver(string name, string content)
    {
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(Box, part));
        File.WriteAllText(Path.Combine(Box, "new", name), content);
    }

    public string[] In(string part) => [.. Directory.GetFiles(Path.Combine(Box, part)).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    /// <summary>The rows of the list without its header, as names and values.</summary>
    public List<Dictionary<string, string>> Rows() => Rows(File.ReadAllText(List));

    public static List<Dictionary<string, string>> Rows(string csv)
    {
        using var reader = new CsvHelper.CsvReader(new StringReader(csv), System.Globalization.CultureInfo.InvariantCulture);
        List<Dictionary<string, string>> rows = [];
        Assert.True(reader.Read() && reader.ReadHeader());
        while (reader.Read())
            rows.Add(reader.HeaderRecord!.ToDictionary(h => h, h => reader.GetField(h)!, StringComparer.Ordinal));
        return rows;
    }

    /// <summary>
    /// A command that runs a program of its own; <c>$0</c>'s folder is this one. The shell reads it: a file just written cannot be executed while a process that
    /// another test is starting holds it open.
    /// </summary>
    public string Program(string script) => "/bin/sh " + Write("unsubscribe", script + "\n");

    public string[] Lines(string name) => File.Exists(At(name)) ? File.ReadAllLines(At(name)) : [];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
