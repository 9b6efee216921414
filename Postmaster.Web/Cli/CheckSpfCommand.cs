using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster check spf</c>: may this client send in this domain's name, and which term of the record says so.</summary>
internal static class CheckSpfCommand
{
    public static Command Create()
    {
        var ip = new Option<IPAddress>("--ip") { Description = "Address of the client that hands the mail in.", HelpName = "IP", Required = true, CustomParser = ReadAddress };
        var mailFrom = new Option<string>("--mail-from") { Description = "Envelope sender; <> for a bounce, which is judged by the HELO name.", HelpName = "ADDR", Required = true };
        var helo = new Option<string>("--helo") { Description = "Name that the client gives in HELO or EHLO.", HelpName = "NAME", Required = true };
        Option<bool> json = CommonOptions.Json();
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("spf", "Evaluate a domain's SPF record for one client, term by term.")
        {
            Notes = "Exit code: 0 pass, 1 neutral, none or softfail, 2 fail or permerror, 3 temperror.",
            Example = "postmaster check spf --ip 192.0.2.7 --mail-from bounce@news.example --helo mta3.news.example",
        };
        foreach (Option option in (Option[])[ip, mailFrom, helo, json, dns])
            command.Options.Add(option);
        command.SetAction((parsed, ct) =>
        {
            var question = new Question(parsed.GetValue(ip)!, Bare(parsed.GetValue(mailFrom)!), parsed.GetValue(helo)!);
            return RunAsync(question, parsed.GetValue(dns)!, parsed.GetValue(json), parsed.InvocationConfiguration.Output, ct);
        });
        return command;
    }

    private static async Task<int> RunAsync(Question question, string[] servers, bool json, TextWriter output, CancellationToken ct)
    {
        IDnsResolver dns = DnsServices.CreateResolver(servers, TimeProvider.System);
        var options = new SpfEvaluatorOptions { Time = TimeProvider.System };
        SpfResult result = await new SpfEvaluator(dns, options).CheckReversePathAsync(question.Ip, question.MailFrom, question.Helo, ct);
        if (json)
            CommonOptions.WriteLine(output, SpfJson.WithTrace(result));
        else
            WriteWords(output, question, result, options);
        return CheckExit.Code(SeverityOf(result.Status));
    }

    private static void WriteWords(TextWriter output, Question question, SpfResult result, SpfEvaluatorOptions options)
    {
        string sender = question.MailFrom.Length == 0 ? "<>" : question.MailFrom;
        output.WriteLine($"SPF {CheckExit.Word(SeverityOf(result.Status))} - {SpfJson.Word(result.Status)}: {TerminalText.Printable(result.Reason)}");
        output.WriteLine($"  client {question.Ip}, MAIL FROM {TerminalText.Printable(sender)}, HELO {TerminalText.Printable(question.Helo)}");
        output.WriteLine($"  {result.Lookups} of {options.MaxLookups} DNS look-ups, {result.VoidLookups} of {options.MaxVoidLookups} without an answer");
        if (result.Explanation is { } explanation)
            output.WriteLine($"  the domain explains: {TerminalText.Printable(explanation)}");
        if (result.Trace is not { } trace)
            return;
        output.WriteLine();
        WriteTrace(output, trace, "");
    }

    private static void WriteTrace(TextWriter output, SpfTrace trace, string indent)
    {
        output.WriteLine($"{indent}{TerminalText.Printable(trace.Domain)}: {TerminalText.Printable(trace.Record ?? trace.Answer.Describe())}");
        foreach (SpfStep step in trace.Steps)
        {
            string cost = step.Lookups == 0 ? "" : $"  [{Counted(step.Lookups, "look-up")}{(step.VoidLookups > 0 ? $", {step.VoidLookups} void" : "")}]";
            output.WriteLine($"{indent}  {TerminalText.Printable(step.Term)}: {SpfJson.Word(step.Outcome).Replace('_', ' ')}{cost}");
            foreach (DnsAnswer answer in step.Answers)
                output.WriteLine($"{indent}    {TerminalText.Printable(answer.Name)}: {answer.Describe()}");
            if (step.Inner is { } inner)
                WriteTrace(output, inner, indent + "    ");
        }
    }

    private static string Counted(int count, string word) => count == 1 ? $"1 {word}" : $"{count} {word}s";

    private static FindingSeverity SeverityOf(SpfStatus status) => status switch
    {
        SpfStatus.Pass => FindingSeverity.Ok,
        SpfStatus.Fail or SpfStatus.PermError => FindingSeverity.Critical,
        SpfStatus.TempError => FindingSeverity.Unknown,
        _ => FindingSeverity.Warning,
    };

    /// <summary>The path without the angle brackets that SMTP puts around it.</summary>
    private static string Bare(string path) => path is ['<', .., '>'] ? path[1..^1] : path;

    private static IPAddress? ReadAddress(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (!StrictIpAddress.TryParse(text, out IPAddress? address))
            result.AddError($"--ip {text}: write an IPv4 or IPv6 address, such as 192.0.2.7 or 2001:db8::7.");
        return address;
    }

    private sealed record Question(IPAddress Ip, string MailFrom, string Helo);
}
