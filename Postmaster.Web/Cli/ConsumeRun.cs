using System.CommandLine;
using System.Globalization;
using Postmaster.Web.Features.Suppression;

namespace Postmaster.Web.Cli;

/// <summary>Reads reports in batches: first the entries of a batch are kept, then it is told, then its mails are marked as read.</summary>
/// <param name="file">Null: the list goes to standard output, and nothing is kept.</param>
/// <param name="command">Null: nothing is run.</param>
internal sealed class ConsumeRun(SuppressionReader reader, SuppressionFile? file, SuppressionCommand? command, bool json, InvocationConfiguration console)
{
    /// <summary>The list is written once for so many mails, and so many verdicts are in memory.</summary>
    private const int BatchSize = 1000;

    /// <summary>Without a file only so many entries are remembered, to print each once.</summary>
    private const int MaxRemembered = 1_000_000;

    private readonly List<ReadMail> _batch = [];
    private readonly HashSet<string> _printed = new(StringComparer.Ordinal);
    private readonly Dictionary<ReportOutcome, int> _counts = [];
    private int _added, _done, _due;

    /// <summary>Whether something is to be tried again: an entry was not kept, a command failed, a mail could not be read or checked.</summary>
    public bool IsUnfinished { get; private set; }

    /// <summary>Whether a mail was refused, or was no report.</summary>
    public bool HasRefused { get; private set; }

    public async Task OverAsync(IEnumerable<string> paths, CancellationToken ct)
    {
        if (file is null && !json)
            console.Output.WriteLine(SuppressionCsv.Header);
        try
        {
            foreach ((MailFile mail, string? inMaildir) in Mails(paths))
            {
                await ReadAsync(mail, inMaildir, ct);
                if (_batch.Count == BatchSize)
                    await EndBatchAsync(ct);
            }

            await EndBatchAsync(ct);
            if (file is not null && command is not null)
                await RunDueAsync(file.Due, command, ct);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            IsUnfinished = true;
            console.Error.WriteLine($"NOT kept: {failed.Message.TrimEnd('.')}. What was read is read again by the next run.");
        }

        if (file is not null && !json)
            console.Output.WriteLine(Count());
    }

    /// <summary>A Maildir's unread mails, each with its file; other paths as every verb reads them.</summary>
    private static IEnumerable<(MailFile Mail, string? InMaildir)> Mails(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            if (!Maildir.Is(path))
            {
                foreach (MailFile mail in MailFiles.Read([path], Console.OpenStandardInput))
                    yield return (mail, null);
                continue;
            }

            foreach (string name in Maildir.Unread(path))
                yield return (MailFiles.ReadOne(name, Console.OpenStandardInput), name);
        }
    }

    private async Task ReadAsync(MailFile mail, string? inMaildir, CancellationToken ct)
    {
        if (mail.Content is { } content)
        {
            _batch.Add(new ReadMail(mail.Path, inMaildir, await reader.ReadAsync(content, ct)));
        }
        else if (inMaildir is null || File.Exists(inMaildir) || MailFiles.IsUnreadableName(inMaildir)) // otherwise another process has moved it
        {
            IsUnfinished = true;
            _batch.Add(new ReadMail(mail.Path, null, ReportVerdict.Without(ReportOutcome.Unread, $"cannot be read: {mail.Problem}")));
        }
    }

    private async Task EndBatchAsync(CancellationToken ct)
    {
        SuppressionEntry[] entries = [.. _batch.SelectMany(m => m.Verdict.Entries)];
        HashSet<string> added = file is not null
            ? [.. await file.KeepAsync(entries, command is not null, ct)]
            : [.. entries.Select(e => e.Id).Where(id => !_printed.Contains(id))];
        _added += added.Count;
        HashSet<string> failed = file is null && command is not null ? await RunNowAsync(entries, added, command, ct) : [];
        foreach (ReadMail mail in _batch)
            Tell(mail, added);
        await console.Output.FlushAsync(ct);
        foreach (ReadMail mail in _batch)
            Settle(mail, failed);
        _batch.Clear();
    }

    /// <summary>Without a file a command that has succeeded is what keeps an entry.</summary>
    /// <returns>The ids of those whose command failed.</returns>
    private async Task<HashSet<string>> RunNowAsync(SuppressionEntry[] entries, HashSet<string> added, SuppressionCommand run, CancellationToken ct)
    {
        HashSet<string> failed = new(StringComparer.Ordinal);
        foreach (SuppressionEntry entry in entries.DistinctBy(e => e.Id, StringComparer.Ordinal).Where(e => added.Contains(e.Id)))
        {
            if (await run.RunAsync(entry, ct) is { } problem)
            {
                failed.Add(entry.Id);
                TellFailure(entry, problem);
                _due++;
            }
            else
            {
                _done++;
            }
        }

        return failed;
    }

    private async Task RunDueAsync(DueCommands commands, SuppressionCommand run, CancellationToken ct)
    {
        (_done, _due) = await commands.RunAsync(run, TellFailure, ct);
        if (_due > 0)
            console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_due} {(_due == 1 ? "entry waits" : "entries wait")} for the command to succeed; the next run tries again."));
    }

    private void TellFailure(SuppressionEntry entry, string problem)
    {
        IsUnfinished = true;
        console.Error.WriteLine(TerminalText.Printable($"{entry.Id} {entry.Recipient ?? entry.MessageId}: the command {problem}"));
    }

    private void Tell(ReadMail mail, HashSet<string> added)
    {
        ReportVerdict verdict = mail.Verdict;
        _counts[verdict.Outcome] = _counts.GetValueOrDefault(verdict.Outcome) + 1;
        IsUnfinished |= verdict.Outcome is ReportOutcome.Later;
        HasRefused |= verdict.Outcome is ReportOutcome.Refused or ReportOutcome.Unread;
        // Of several equal entries in a batch the first is the new one.
        List<ConsumeJson.EntryJson> entries = [.. verdict.Entries.Select(e => new ConsumeJson.EntryJson(added.Remove(e.Id), e))];
        if (json)
            CommonOptions.WriteLine(console.Output, new ConsumeJson(mail.Path, verdict.Outcome, verdict.FeedbackType, verdict.Reason, entries));
        else if (verdict.Reason is { } reason)
            console.Error.WriteLine(TerminalText.Printable($"{mail.Path}: {Heading(verdict.Outcome)}{reason}."));
        if (file is not null)
            return;
        foreach (ConsumeJson.EntryJson entry in entries.Where(e => e.New))
        {
            if (_printed.Count < MaxRemembered)
                _printed.Add(entry.Entry.Id);
            if (!json)
                console.Output.WriteLine(SuppressionCsv.Row(entry.Entry));
        }
    }

    private static string Heading(ReportOutcome outcome) => outcome switch
    {
        ReportOutcome.Refused => "refused, ",
        ReportOutcome.Later => "read again later, ",
        ReportOutcome.NotSpam => "not spam: ",
        _ => "",
    };

    /// <summary>Only what is kept, or is to lead to nothing, leaves <c>new/</c>.</summary>
    private void Settle(ReadMail mail, HashSet<string> failed)
    {
        bool keeps = file is not null || command is not null;
        if (mail.InMaildir is null || !keeps || mail.Verdict.Outcome is ReportOutcome.Later || mail.Verdict.Entries.Any(e => failed.Contains(e.Id)))
            return;
        Maildir.MarkRead(mail.InMaildir, flagged: mail.Verdict.Outcome is ReportOutcome.Refused or ReportOutcome.Unread or ReportOutcome.NotSpam || mail.Verdict is { Outcome: ReportOutcome.Suppress, Reason: not null });
    }

    private string Count()
    {
        int mails = _counts.Values.Sum();
        (ReportOutcome Outcome, string Words)[] others =
        [
            (ReportOutcome.NotSpam, "not spam"), (ReportOutcome.OtherType, "of another type"), (ReportOutcome.Refused, "refused"),
            (ReportOutcome.Unread, "no report"), (ReportOutcome.Later, "to be read again"),
        ];
        string rest = string.Concat(others.Where(o => _counts.ContainsKey(o.Outcome)).Select(o => string.Create(CultureInfo.InvariantCulture, $", {_counts[o.Outcome]} {o.Words}")));
        string commands = command is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; {_done} {(_done == 1 ? "command" : "commands")} done, {_due} due");
        return string.Create(CultureInfo.InvariantCulture, $"{mails} {(mails == 1 ? "mail" : "mails")}: {_added} new {(_added == 1 ? "entry" : "entries")}{rest}{commands}");
    }

    /// <param name="InMaildir">Its file, to be marked as read; null outside of a Maildir.</param>
    private sealed record ReadMail(string Path, string? InMaildir, ReportVerdict Verdict);
}
