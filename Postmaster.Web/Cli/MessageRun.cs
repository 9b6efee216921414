using System.Globalization;
using Postmaster.Web.Features.Samples;

namespace Postmaster.Web.Cli;

/// <summary>Checks a stream of mails side by side and writes each result when it is there. As many mails are in memory as are at work.</summary>
/// <param name="thorough">Whether each of many mails is looked at as closely as a single one.</param>
/// <param name="envelopeOf">The envelope of a mail; null when nothing is known of it.</param>
internal sealed class MessageRun(SampleInspector inspector, Func<byte[], SampleEnvelope?> envelopeOf, TextWriter output, TextWriter error, bool json, bool thorough)
{
    /// <summary>Mails wait for DNS now and then: so many for each core keep the cores at work.</summary>
    private const int MailsPerCore = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<SampleSeverity, int> _counts = [];
    private int _count;

    /// <param name="progress">Told the octets of each mail when it is done.</param>
    public async Task OverAsync(IEnumerable<MailFile> mails, Action<long>? progress, CancellationToken ct)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount * MailsPerCore, CancellationToken = ct };
        await Parallel.ForEachAsync(mails, options, async (mail, stop) =>
        {
            Write(await CheckAsync(mail, stop));
            progress?.Invoke(mail.Content?.Length ?? 0);
        });
    }

    /// <summary>Writes the count.</summary>
    /// <returns>The exit code of the gravest finding.</returns>
    public int End()
    {
        error.WriteLine(Count());
        return ExitOf(SampleSeverities.Worst(_counts.Keys));
    }

    private async Task<MessageJson> CheckAsync(MailFile mail, CancellationToken ct)
    {
        if (mail.Content is not { } content)
            return MessageJson.Unread(mail.Path, mail.Problem!);
        return MessageJson.Of(mail.Path, await inspector.ExamineAsync(new SampleInput(content, envelopeOf(content)), ct, mail.IsOneOfMany && !thorough ? SampleScope.MailAlone : SampleScope.Everything));
    }

    private void Write(MessageJson result)
    {
        SampleSeverity severity = SampleSeverities.Worst(result.Findings.Select(f => f.Severity));
        lock (_lock)
        {
            _count++;
            _counts[severity] = _counts.GetValueOrDefault(severity) + 1;
            if (json)
                CommonOptions.WriteLine(output, result);
            else
                WriteWords(result, severity);
        }
    }

    private void WriteWords(MessageJson result, SampleSeverity severity)
    {
        MessageJson.FindingJson? first = result.Findings.FirstOrDefault(f => f.Severity != SampleSeverity.Info);
        output.WriteLine($"MESSAGE {WordOf(severity)} - {TerminalText.Printable(result.Path)}: {first?.Text ?? "nothing to mend"}");
        foreach (MessageJson.DkimJson dkim in result.Dkim)
            output.WriteLine($"  dkim {dkim.Status}: {dkim.Domain} ({dkim.Selector}, {dkim.Algorithm}{(dkim.KeyBits > 0 ? $", {dkim.KeyBits} bits" : "")}){(dkim.Problem is null ? "" : ": " + TerminalText.Printable(dkim.Problem))}");
        output.WriteLine($"  spf {result.Spf?.Status ?? "not checked"}; dmarc {result.Dmarc.Status}: {result.Dmarc.Domain ?? "no author domain"}{(result.Dmarc.Policy is null ? "" : $", policy {result.Dmarc.Policy}")}");
        foreach (MessageJson.FindingJson finding in result.Findings)
            output.WriteLine($"  {WordOf(finding.Severity)} {finding.Code}: {TerminalText.Printable(finding.Text)}");
    }

    private string Count() => string.Create(CultureInfo.InvariantCulture,
        $"{_count} {(_count == 1 ? "mail" : "mails")}: {Of(SampleSeverity.Ok) + Of(SampleSeverity.Info)} ok, {Of(SampleSeverity.Warning)} warning, {Of(SampleSeverity.Critical)} critical, {Of(SampleSeverity.Unknown)} unknown");

    private int Of(SampleSeverity severity) => _counts.GetValueOrDefault(severity);

    private static string WordOf(SampleSeverity severity) => severity == SampleSeverity.Info ? "INFO" : severity.ToString().ToUpperInvariant();

    private static int ExitOf(SampleSeverity severity) => severity switch
    {
        SampleSeverity.Ok or SampleSeverity.Info => 0,
        SampleSeverity.Warning => 1,
        SampleSeverity.Critical => 2,
        _ => CheckExit.Unknown,
    };
}
