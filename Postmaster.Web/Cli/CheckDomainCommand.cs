using System.CommandLine;
using System.CommandLine.Parsing;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Domains.Inspection;
using Postmaster.Web.Hosting;
using Postmaster.Web.Hosting.Outward;
using Postmaster.Web.Model;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster check domain NAME...</c>: what DNS says of a domain that sends mail.</summary>
internal static class CheckDomainCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("NAME") { Description = "Domains, Unicode or A-labels.", Arity = ArgumentArity.OneOrMore };
        names.Validators.Add(RefuseUnreadableNames);
        var selectors = new Option<string[]>("--selector")
        {
            Description = "DKIM selector that has to be there; may be repeated. The usual ones are tried anyway.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        Option<bool> json = CommonOptions.Json();
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("domain", "What DNS says: MX, SPF, DMARC, DKIM, MTA-STS, ownership, reverse names.")
        {
            Example = "postmaster check domain news.example --selector s1",
        };
        command.Arguments.Add(names);
        foreach (Option option in (Option[])[selectors, json, dns])
            command.Options.Add(option);
        command.SetAction((parsed, ct) => RunAsync(
            [.. parsed.GetValue(names)!.Select(DomainName.Parse)], parsed.GetValue(selectors)!, parsed.GetValue(dns)!, parsed.GetValue(json), parsed.InvocationConfiguration.Output, ct));
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<DomainName> names, string[] selectors, string[] servers, bool json, TextWriter output, CancellationToken ct)
    {
        IDnsResolver dns = DnsServices.CreateResolver(servers, TimeProvider.System);
        var inspector = new DomainInspector(dns, new ClaimsOptions().ChallengeLabel, new MtaStsInspector(dns, new OutwardHttps(dns)));
        List<DomainInspection> inspections = [];
        foreach (DomainName name in names)
            inspections.Add(await inspector.InspectAsync(name, selectors, ct));

        if (json)
            inspections.ForEach(i => CommonOptions.WriteLine(output, DomainJson.Of(i)));
        else
            WriteWords(output, inspections);
        return CheckExit.Worst(inspections.Select(i => i.Severity));
    }

    private static void WriteWords(TextWriter output, List<DomainInspection> inspections)
    {
        FindingSeverity worst = inspections.Select(i => i.Severity).Max();
        output.WriteLine($"DOMAIN {CheckExit.Word(worst)} - {string.Join("; ", inspections.Select(Summary))}");
        foreach (DomainInspection inspection in inspections)
        {
            output.WriteLine();
            output.WriteLine(inspection.Domain.Ascii);
            foreach ((string topic, IEnumerable<string> lines) in Topics(inspection))
            {
                foreach ((int index, string line) in lines.DefaultIfEmpty(inspection.Severity == FindingSeverity.Unknown ? "none seen" : "none").Index())
                    output.WriteLine($"  {(index == 0 ? topic : ""),-10} {line}");
            }

            foreach (DomainFinding finding in inspection.Findings)
                output.WriteLine($"  {CheckExit.Word(finding.Severity)}: {finding.Text}");
        }
    }

    private static string Summary(DomainInspection inspection) =>
        inspection.Findings.Count == 0 ? $"{inspection.Domain.Ascii}: nothing to mend" : $"{inspection.Domain.Ascii}: {inspection.Findings.MaxBy(f => f.Severity)!.Text}";

    private static IEnumerable<(string Topic, IEnumerable<string> Lines)> Topics(DomainInspection inspection) =>
    [
        ("MX", inspection.Mx.Select(m => $"{m.Preference} {m.Exchange}")),
        ("SPF", inspection.Spf),
        ("DMARC", inspection.Dmarc.Select(r => $"{inspection.DmarcName}: {r}")),
        ("DKIM", inspection.Dkim.Select(d => $"{d.Selector}: {DomainJson.KeyWords(d)}")),
        ("MTA-STS", inspection.MtaSts.Records.Concat(DomainJson.PolicyWords(inspection.MtaSts.Policy))),
        ("Ownership", inspection.Ownership.Select(o => $"{inspection.OwnershipName}: {o}")),
        ("Reverse", inspection.ReverseNames.Select(r => $"{r.Host} {r.Address}: {r.ReverseName ?? "no name"}{(r.Confirmed ? " (leads back)" : " (does not lead back)")}")),
    ];

    private static void RefuseUnreadableNames(ArgumentResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (!DomainName.TryParse(token.Value, out _, out Postmaster.Fbl.ParseProblem problem))
                result.AddError($"\"{token.Value}\" is not a domain name ({problem.Code}).");
        }
    }
}
