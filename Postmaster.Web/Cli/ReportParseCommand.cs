using System.CommandLine;
using System.Globalization;
using Postmaster.Fbl;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Xarf;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster report parse PATH...</c>: reads ARF and XARF, strict about nothing.</summary>
internal static class ReportParseCommand
{
    private static readonly MessageLimits Limits = new() { MaxMessageBytes = MailFiles.MaxBytes };

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "A mail, a folder (with all below), an mbox, or - for standard input.", Arity = ArgumentArity.OneOrMore };
        paths.Validators.Add(CommonOptions.RefuseUnknownOptions);
        Option<bool> json = CommonOptions.Json();
        var command = new Verb("parse", "Read feedback reports of any provider.")
        {
            Notes = "ARF (RFC 5965) and XARF, as mail or as JSON; XARF is shown in the terms of ARF. Strict about nothing: what is off is named as a problem, and everything readable is shown.",
            Example = "postmaster report parse --json ~/Maildir/new",
        };
        command.Arguments.Add(paths);
        command.Options.Add(json);
        command.Options.Add(CommonOptions.DnsUnasked());
        command.SetAction(parsed => Run(parsed.GetValue(paths)!, parsed.GetValue(json), parsed.InvocationConfiguration));
        return command;
    }

    private static int Run(string[] paths, bool json, InvocationConfiguration console)
    {
        int exit = CommonOptions.Done;
        foreach (MailFile mail in MailFiles.Read(paths, Console.OpenStandardInput))
        {
            if (!TryRead(mail, out ReportJson report))
                exit = CommonOptions.Failed;
            if (json)
                CommonOptions.WriteLine(console.Output, report);
            else
                WriteWords(console.Output, report);
        }

        return exit;
    }

    /// <summary>False: there is no report in it; what is printed says why.</summary>
    private static bool TryRead(MailFile mail, out ReportJson report)
    {
        ParseProblem problem = default;
        FeedbackReport? read = null;
        bool isReport = mail.Content is not null && AnyReportReader.TryRead(mail.Content, out read, out _, out problem, Limits);
        report = isReport ? ReportJson.Of(mail.Path, read!) : ReportJson.Unread(mail.Path, mail.Problem ?? problem.Code);
        return isReport;
    }

    private static void WriteWords(TextWriter output, ReportJson report)
    {
        output.WriteLine(TerminalText.Printable(report.Path));
        Line("problem", report.Problem);
        Line("feedback type", report.FeedbackType);
        Line("user agent", report.UserAgent);
        Line("arrived", report.ArrivalDate?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        Line("source IP", report.SourceIp);
        Line("mail from", report.OriginalMailFrom);
        Line("recipient", string.Join(", ", report.OriginalRcptTo));
        Line("domain", string.Join(", ", report.ReportedDomain));
        Line("Message-ID", report.MessageId);
        Line("Feedback-ID", report.FeedbackId);
        Line("List-Id", report.ListId);
        Line("incidents", report.Incidents is > 1 ? report.Incidents.Value.ToString(CultureInfo.InvariantCulture) : null);

        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                output.WriteLine($"  {name,-14} {TerminalText.Printable(value)}");
        }
    }
}
