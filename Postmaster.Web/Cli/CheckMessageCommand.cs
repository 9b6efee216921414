using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster check message PATH...</c>: the sample check over one mail or a hundred thousand, on all cores.</summary>
internal static class CheckMessageCommand
{
    /// <summary>A run judges all its mails by the same answers.</summary>
    private static readonly TimeSpan AnswersKept = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH") { Description = "A mail, a folder (with all below), an mbox, or - for standard input.", Arity = ArgumentArity.OneOrMore };
        paths.Validators.Add(CommonOptions.RefuseUnknownOptions);
        var ip = new Option<IPAddress?>("--ip") { Description = "Address of the client that handed the mail in.", HelpName = "IP", CustomParser = ReadAddress };
        var mailFrom = new Option<string?>("--mail-from") { Description = "Envelope sender; <> for a bounce.", HelpName = "ADDR" };
        mailFrom.Validators.Add(RefuseUnreadableAddress);
        var helo = new Option<string?>("--helo") { Description = "Name that the client gave in HELO or EHLO.", HelpName = "NAME" };
        var thorough = new Option<bool>("--thorough") { Description = "Look at the mails of folders and mboxes as closely as at a single one: hosts, MTA-STS, BIMI, HTML, wording." };
        Option<bool> json = CommonOptions.Json();
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("message", "Check mails: DKIM, SPF, DMARC, unsubscribing, form, HTML.")
        {
            Notes = "SPF needs --ip and --mail-from (for <> also --helo).\nThe mails of a folder come in any order; the count goes to stderr.\nOf many mails, authentication, fields and form are judged; --thorough judges all.\nExit code: of the gravest finding.",
            Example = "postmaster check message --json ~/Maildir/cur\npostmaster check message --ip 192.0.2.7 --mail-from bounce@news.example --helo mta3.news.example offer.eml",
        };
        command.Arguments.Add(paths);
        foreach (Option option in (Option[])[ip, mailFrom, helo, thorough, json, dns])
            command.Options.Add(option);
        command.SetAction(async (parsed, ct) =>
        {
            var envelope = new EnvelopeWords(parsed.GetValue(ip), parsed.GetValue(mailFrom), parsed.GetValue(helo));
            IDnsResolver resolver = DnsServices.CreateResolver(parsed.GetValue(dns)!, TimeProvider.System, AnswersKept);
            InvocationConfiguration console = parsed.InvocationConfiguration;
            var surroundings = new SampleSurroundings { PublicSuffixOf = PublicSuffixes.Load(""), EnvelopeAdvice = "Name the three with --ip, --mail-from and --helo." };
            var run = new MessageRun(new SampleInspector(resolver, TimeProvider.System, scorers: null, surroundings), envelope.ToEnvelope, console.Output, console.Error, parsed.GetValue(json), parsed.GetValue(thorough));
            string[] asked = parsed.GetValue(paths)!;
            IEnumerable<MailFile> mails = MailFiles.Read(asked, Console.OpenStandardInput);
            if (ProgressBar.IsWanted && ReferenceEquals(console.Error, Console.Error))
                await ProgressBar.ShowAsync("octets read", MailFiles.Octets(asked), done => run.OverAsync(mails, done, ct));
            else
                await run.OverAsync(mails, progress: null, ct);
            return run.End();
        });
        return command;
    }

    private static IPAddress? ReadAddress(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (!StrictIpAddress.TryParse(text, out IPAddress? address))
            result.AddError($"--ip {text}: write an IPv4 or IPv6 address, such as 192.0.2.7 or 2001:db8::7.");
        return address;
    }

    private static void RefuseUnreadableAddress(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (!EnvelopeWords.TryRead(token.Value, out _))
                result.AddError($"--mail-from {token.Value}: write an address, such as bounce@news.example, or <>.");
        }
    }

    /// <summary>The envelope that all mails of a run came with, so far as it was told.</summary>
    private sealed record EnvelopeWords(IPAddress? Ip, string? MailFrom, string? Helo)
    {
        /// <summary>Null when nothing was told.</summary>
        public SampleEnvelope? ToEnvelope(byte[] mail)
        {
            if (Ip is null && MailFrom is null && Helo is null)
                return null;
            MailAddress? sender = null;
            if (MailFrom is not null)
                TryRead(MailFrom, out sender);
            DateTimeOffset arrived = MailDate.ClaimedArrival(MessageReader.Read(mail).Headers, TimeProvider.System.GetUtcNow());
            return new SampleEnvelope(Ip, Helo, sender, MailFrom is "<>" or "", null, arrived);
        }

        /// <param name="address">Null for <c>&lt;&gt;</c>.</param>
        public static bool TryRead(string text, out MailAddress? address)
        {
            address = null;
            return text is "<>" or "" || MailAddress.TryParse(text is ['<', .., '>'] ? text[1..^1] : text, out address, out _);
        }
    }
}
