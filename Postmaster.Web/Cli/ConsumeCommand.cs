using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Suppression;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster consume [PATH...|-]</c>: the sender's side of the loop, from feedback reports to a suppression list.</summary>
internal static class ConsumeCommand
{
    /// <summary>EX_TEMPFAIL: the mail server keeps the mail and tries again.</summary>
    private const int TryAgain = 75;

    private const string Notes = """
        Reports of type abuse and fraud (and opt-out of old) unsubscribe; not-spam is told and lifts nothing; other types do nothing.
        Anybody can send a mail that looks like a report. Without --require-dkim anybody who knows the address can unsubscribe others;
        name the domain that signs the provider's reports and nothing else. Without --domain, reports about anybody's mail are taken.

        Reports are ARF or XARF, as mail; a file of XARF's JSON is read, too, but has no signature. With --redaction-key and --list the codes
        that stand for recipients become the addresses of your list (recipient_from: list); a code of none of them is told and kept as it is.

        With --csv each entry is kept once, however often its report is read: a new file takes the old one's place in one step, and several runs
        may go on at once. FILE.lock and FILE.due (commands that have not succeeded) lie beside it. Without it the list goes to stdout.
        Columns, by name: id, recorded_at, feedback_type, recipient (address, or the provider's code for it), recipient_from (the field),
        unsubscribe_mailto, unsubscribe_url (of the mail's List-Unsubscribe), cfbl_feedback_id, feedback_id, message_id, list_id, arrival_date,
        reported_domain, original_mail_from, source_ip, report_id, signed_by. A value that begins with = + - @ has an apostrophe before it in CSV.

        --exec runs CMD without a shell once for each new entry, with the values as POSTMASTER_RECIPIENT, POSTMASTER_MESSAGE_ID and so on,
        and as a line of JSON on its standard input. It has done its work when it ends with 0; otherwise the next run tries again (without --csv: when
        the mail is still there). After a crash it may run twice for an entry.

        Of a Maildir, unread mails are read and go to cur/ once their entries are kept (by --csv, or by a command that succeeded);
        what a person should look at gets a star there.
        Exit code 0: all done; 1: a mail was refused or is no report, or something is left to be tried again; 2: usage. With --pipe, for
        a mail server: 75 (try again) while an entry is not kept or its command fails, otherwise 0; a refused mail is not sent back to strangers.
        """;

    private const string Example = """
        postmaster consume --csv suppressed.csv --domain news.example --require-dkim fbl.provider.example ~/Maildir
        postmaster consume --csv suppressed.csv --redaction-key postmaster-redaction-key.txt --list subscribers.txt ~/Maildir
        postmaster consume --csv suppressed.csv --exec "/usr/local/bin/unsubscribe --now" reports.mbox
        # cron, every five minutes
        */5 * * * * postmaster consume --csv /srv/fbl/suppressed.csv --require-dkim fbl.provider.example /srv/fbl/Maildir >/dev/null
        # Postfix, /etc/aliases
        fbl: "|/opt/postmaster/postmaster consume --pipe --csv /srv/fbl/suppressed.csv --require-dkim fbl.provider.example -"
        # procmail
        :0 w
        | /opt/postmaster/postmaster consume --pipe --csv $HOME/suppressed.csv --require-dkim fbl.provider.example -
        """;

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "A mail, a Maildir, a folder (with all below), an mbox, or - for standard input, as without a path.", Arity = ArgumentArity.ZeroOrMore };
        paths.Validators.Add(CommonOptions.RefuseUnknownOptions);
        var csv = new Option<string?>("--csv") { Description = "Keep the list in this file.", HelpName = "FILE" };
        var exec = new Option<string?>("--exec") { Description = "Run this program, perhaps with arguments, once for each new entry.", HelpName = "CMD" };
        var limit = new Option<int>("--exec-timeout") { Description = "A command that takes longer is ended and has failed, in seconds.", HelpName = "SECONDS", DefaultValueFactory = _ => 30 };
        limit.Validators.Add(RefuseNoTime);
        Option<string[]> domains = Names("--domain", "Take only reports about mail of this domain and its subdomains; may be repeated.");
        Option<string[]> signers = Names("--require-dkim", "Take only reports with a DKIM signature of exactly this domain that holds; may be repeated.");
        var key = new Option<string?>("--redaction-key") { Description = "The provider's file with your redaction key (pmrk1_...); needs --list.", HelpName = "FILE" };
        var addresses = new Option<string?>("--list") { Description = "Your subscribers, one address a line; needs --redaction-key.", HelpName = "FILE" };
        var pipe = new Option<bool>("--pipe") { Description = "End with the codes that a mail server understands." };
        Option<bool> json = CommonOptions.Json();
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("consume", "Make a suppression list of feedback reports: the sender's side of the loop.") { Notes = Notes, Example = Example };
        command.Arguments.Add(paths);
        foreach (Option option in (Option[])[csv, exec, limit, domains, signers, key, addresses, pipe, json, dns])
            command.Options.Add(option);
        command.SetAction(async (parsed, ct) =>
        {
            InvocationConfiguration console = parsed.InvocationConfiguration;
            SuppressionCommand? run = null;
            if (parsed.GetValue(exec) is { } line && (run = SuppressionCommand.Parse(line, TimeSpan.FromSeconds(parsed.GetValue(limit)))) is null)
                return Refuse(console, "--exec names no program, or a quote in it is not closed.");
            SuppressionFile? list = null;
            if (parsed.GetValue(csv) is { } file && WhyUnusable(file, out list) is { } wrong)
                return Refuse(console, $"--csv {TerminalText.Printable(file)} {wrong}.");

            if (WhyNoSubscribers(parsed.GetValue(key), parsed.GetValue(addresses), console, out SubscriberList? subscribers) is { } missing)
                return Refuse(console, missing);

            IDnsResolver resolver = DnsServices.CreateResolver(parsed.GetValue(dns)!, TimeProvider.System);
            var trust = new ReportTrust(Parsed(parsed.GetValue(domains)!), Parsed(parsed.GetValue(signers)!), new DkimVerifier(resolver), TimeProvider.System);
            var consume = new ConsumeRun(new SuppressionReader(trust, TimeProvider.System, subscribers), list, run, parsed.GetValue(json), console);
            string[] asked = parsed.GetValue(paths)!;
            await consume.OverAsync(asked.Length == 0 ? ["-"] : asked, ct);
            if (parsed.GetValue(pipe))
                return consume.IsUnfinished ? TryAgain : CommonOptions.Done;
            return consume.IsUnfinished || consume.HasRefused ? CommonOptions.Failed : CommonOptions.Done;
        });
        return command;
    }

    private static int Refuse(InvocationConfiguration console, string sentence)
    {
        console.Error.WriteLine(sentence);
        return CommonOptions.Usage;
    }

    private static string? WhyNoSubscribers(string? keyFile, string? listFile, InvocationConfiguration console, out SubscriberList? subscribers)
    {
        subscribers = null;
        if (keyFile is null && listFile is null)
            return null;
        if (keyFile is null || listFile is null)
            return "--redaction-key and --list go together: the key makes the codes of the list's addresses.";
        try
        {
            subscribers = SubscriberList.Read(keyFile, listFile);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or FormatException)
        {
            return TerminalText.Printable($"--redaction-key, --list: {unreadable.Message}");
        }

        if (subscribers.Unread > 0)
            console.Error.WriteLine(TerminalText.Printable(string.Create(CultureInfo.InvariantCulture, $"{listFile}: {subscribers.Unread} {(subscribers.Unread == 1 ? "line is" : "lines are")} no address and passed over.")));
        return subscribers.Count == 0 ? TerminalText.Printable($"--list {listFile} holds no address.") : null;
    }

    private static string? WhyUnusable(string path, out SuppressionFile? list)
    {
        list = null;
        try
        {
            list = new SuppressionFile(path, TimeProvider.System);
            return list.WhyNotOne();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"cannot be read: {unreadable.Message}";
        }
    }

    private static Option<string[]> Names(string name, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = "NAME", DefaultValueFactory = _ => [] };
        option.Validators.Add(RefuseUnreadableNames);
        return option;
    }

    private static void RefuseUnreadableNames(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (!DomainName.TryParse(token.Value, out DomainName? name, out Postmaster.Fbl.ParseProblem problem))
                result.AddError($"{result.Option.Name} {token.Value} is not a domain name ({problem.Code}).");
            else if (name!.LabelCount < 2)
                result.AddError($"{result.Option.Name} {token.Value}: write the name in full, such as news.example.");
        }
    }

    private static void RefuseNoTime(OptionResult result)
    {
        if (result.Tokens is [{ Value: var seconds }] && (!int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is < 1 or > 86_400))
            result.AddError($"--exec-timeout {seconds}: write seconds from 1 to 86400.");
    }

    private static List<DomainName> Parsed(string[] names) => [.. names.Select(DomainName.Parse)];
}
