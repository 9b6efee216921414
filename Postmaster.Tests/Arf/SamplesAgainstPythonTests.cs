using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Arf;

/// <summary>Every field of the second part of every real report: what our reader has and what Python's <c>email</c> has of the same octets.</summary>
public sealed class SamplesAgainstPythonTests
{
    /// <summary>Ours is an instant, so it is compared as one.</summary>
    private static readonly string[] Dates = ["Arrival-Date", "Received-Date"];

    private static readonly string[] Paths = ["Original-Mail-From", "Original-Rcpt-To"];

    [ConformanceFact("arf")]
    public async Task Every_field_of_every_sample_is_read_as_python_reads_it_with_and_without_the_original()
    {
        List<(string Name, byte[] Octets)> mails = [.. Directory.GetFiles(Conformance.Directory("arf"), "*.eml").SelectMany(f => Forms(Path.GetFileNameWithoutExtension(f), File.ReadAllBytes(f)))];
        Assert.NotEmpty(mails);
        Dictionary<string, OutsideReading> theirs = await OutsideReader.ReadAsync<OutsideReading>("python3", ReaderScripts.Python, mails, r => r.File);
        foreach ((string name, byte[] octets) in mails)
        {
            Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(octets), out FeedbackReport? ours, out _), name);
            OutsideReading read = theirs[name];
            Assert.True(read.Fields.Count > 4, name);
            Assert.Equal((name, name.Contains("whole", StringComparison.Ordinal)), (name, ours.Original is not null));
            Assert.Equal((name, read.MessageId), (name, ours.MessageId));
            Assert.Equal((name, read.Arrived), (name, ours.ArrivalDate?.ToUnixTimeSeconds()));
            Assert.Equal([name, .. Expected(read)], [name, .. Ours(ours, read)]);
        }
    }

    private static IEnumerable<(string Name, byte[] Octets)> Forms(string name, byte[] file)
    {
        string text = Encoding.Latin1.GetString(file).Replace("\r\n", "\n", StringComparison.Ordinal);
        string boundary = MessageReader.Read(Encoding.Latin1.GetBytes(text)).Root.ContentType.Parameter("boundary")!;
        string[] parts = text.Split($"\n--{boundary}\n");
        Assert.Equal(4, parts.Length);
        string without = string.Join($"\n--{boundary}\n", parts[..3]) + $"\n--{boundary}--\n";
        foreach ((string form, string mail) in (IEnumerable<(string, string)>)[("whole", text), ("without", without)])
        {
            yield return ($"{name}-{form}-lf.eml", Encoding.Latin1.GetBytes(mail));
            yield return ($"{name}-{form}-crlf.eml", Encoding.Latin1.GetBytes(mail.Replace("\n", "\r\n", StringComparison.Ordinal)));
        }
    }

    /// <summary>"name: value" in their order; an empty value says nothing.</summary>
    private static List<string> Expected(OutsideReading read) =>
        [.. read.Fields.Where(f => f[1].Length > 0 && !Dates.Contains(f[0], StringComparer.OrdinalIgnoreCase)).Select(f => $"{f[0]}: {(Paths.Contains(f[0], StringComparer.OrdinalIgnoreCase) ? f[1].Trim('<', '>') : f[1])}")];

    /// <summary>The same of ours: the values of each name are taken in the order in which the name stands in the part.</summary>
    private static List<string> Ours(FeedbackReport report, OutsideReading read)
    {
        var values = new Dictionary<string, Queue<string>>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string? value) in Values(report))
        {
            if (value is null)
                continue;
            if (!values.TryGetValue(name, out Queue<string>? queue))
                values[name] = queue = new Queue<string>();
            queue.Enqueue(value);
        }

        List<string> found = [];
        foreach (string name in read.Fields.Select(f => f[0]))
        {
            if (values.TryGetValue(name, out Queue<string>? queue) && queue.TryDequeue(out string? value))
                found.Add($"{name}: {value}");
        }

        // What ours has and theirs has not would be made up.
        return [.. found, .. values.SelectMany(v => v.Value.Select(left => $"left over, {v.Key}: {left}"))];
    }

    private static IEnumerable<(string Name, string? Value)> Values(FeedbackReport report) =>
    [
        ("Feedback-Type", report.FeedbackType),
        ("User-Agent", report.UserAgent),
        ("Version", report.Version),
        ("Original-Envelope-Id", report.OriginalEnvelopeId),
        ("Original-Mail-From", report.OriginalMailFrom),
        ("Reporting-MTA", report.ReportingMta),
        ("Source-IP", report.SourceIp?.ToString()),
        ("Source-Port", report.SourcePort?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("Incidents", report.Incidents?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        .. report.AuthenticationResults.Select(v => ("Authentication-Results", (string?)v)),
        .. report.OriginalRcptTo.Select(v => ("Original-Rcpt-To", (string?)v)),
        .. report.ReportedDomain.Select(v => ("Reported-Domain", (string?)v)),
        .. report.ReportedUri.Select(v => ("Reported-URI", (string?)v)),
        .. report.Extensions.Select(e => (e.Name, (string?)e.Value)),
    ];
}
