using System.Net;
using Postmaster.Fbl.Spf;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Spf;

/// <summary>One thousand checks by Debian's pyspf and by us. Where the two differ, the list says why ours is right.</summary>
public sealed class DifferentialTests
{
    private const int Checks = 1000;

    private const int Seed = 7208;

    private const string Script = """
        import json, sys, warnings
        warnings.simplefilter("ignore")
        import spf

        job = json.load(sys.stdin)
        case = None

        def answer(name, qtype, strict=True, timeout=None):
            name = name.lower().rstrip(".")
            if name in case["silent"]:
                raise spf.TempError("no answer")
            types = case["zone"].get(name, {})
            out = []
            if "CNAME" in types and qtype != "CNAME":
                out.append(((name, "CNAME"), types["CNAME"][0]))
                name = types["CNAME"][0]
                types = case["zone"].get(name, {})
            for value in types.get(qtype, []):
                out.append(((name, qtype), (value.encode("latin-1"),) if qtype == "TXT" else (10, value) if qtype == "MX" else value))
            return out

        spf.DNSLookup = answer
        def check():
            try:
                return spf.check2(i=case["ip"], s=case["sender"], h=case["helo"])
            except Exception as e:
                return "exception", repr(e)

        out = []
        for case in job:
            first = check()
            spf.MAX_VOID_LOOKUPS = 1000
            out.append((*first, check()[0]))
            spf.MAX_VOID_LOOKUPS = 2
        json.dump(out, sys.stdout)
        """;

    /// <summary>What pyspf says of a failure that the domain does not explain.</summary>
    private const string NoExplanation = "SPF fail - not authorized";

    /// <summary>When it happens, and the rule that pyspf does not follow.</summary>
    private static readonly (string Cause, Func<SpfDifference, bool> Is, string Rule)[] Differences =
    [
        (
            "a record that includes itself further on",
            d => d.Words.Contains("trivial recursion", StringComparison.Ordinal) && d.Ours.Problem is SpfProblem.None or SpfProblem.DnsFailure,
            "RFC 7208 §4.6.2, §5.2: terms are evaluated from left to right and what matches ends it; the loop breaks a limit only when it is reached"),
        (
            "several look-ups of one term found nothing",
            d => d.Words.Contains("Void lookup limit", StringComparison.Ordinal) && d.Ours.VoidLookups <= 2 && IsOurs(d.WithoutVoidLimit, d.Ours),
            "RFC 7208 §4.6.4: the void look-ups that are limited to two are counted by terms, not by the hosts of one mx or ptr"),
    ];

    [NeedsFact("/usr/lib/python3/dist-packages/spf.py")] // Debian's python3-spf, which brings no program
    public async Task Pyspf_and_we_agree_on_a_thousand_checks_but_for_the_differences_that_are_listed()
    {
        var cases = new SpfCases(Seed).Make(Checks).ToList();
        var theirs = await Python.RunAsync(Script, cases.Select(c => new { ip = c.Ip, sender = c.Sender, helo = c.Helo, zone = c.Zone, silent = c.Silent }));

        var explained = 0;
        var (unexpected, seen, statuses) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal), new HashSet<SpfStatus>());
        for (var i = 0; i < Checks; i++)
        {
            var evaluator = new SpfEvaluator(cases[i].Resolver());
            var ours = await evaluator.CheckReversePathAsync(IPAddress.Parse(cases[i].Ip), cases[i].Sender, cases[i].Helo, CancellationToken.None);
            var (their, words, withoutVoidLimit) = (theirs[i][0].GetString()!, theirs[i][1].GetString()!, theirs[i][2].GetString()!);
            statuses.Add(ours.Status);
            if (IsOurs(their, ours))
            {
                var explanation = words is NoExplanation ? "" : words;
                explained += ours.Explanation is null ? 0 : 1;
                // RFC 1035 §2.3.3: the case of a domain says nothing; pyspf keeps it as it came.
                if (ours.Status == SpfStatus.Fail && !explanation.Equals(ours.Explanation ?? "", StringComparison.OrdinalIgnoreCase))
                    unexpected.Add($"check {i}, {cases[i].Ip} {cases[i].Sender}: pyspf explains \"{explanation}\"; ours \"{ours.Explanation}\"; {cases[i].Record}");
                continue;
            }
            var difference = new SpfDifference(ours, words, withoutVoidLimit);
            var known = Differences.FirstOrDefault(d => d.Is(difference));
            if (known.Cause is not null)
                seen.Add(known.Cause);
            else
                unexpected.Add($"check {i}, {cases[i].Ip} {cases[i].Sender}: pyspf {their} ({words}); ours {ours.Status} {ours.Problem} ({ours.Reason}); {cases[i].Record}");
        }

        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
        Assert.Equal(Differences.Length, seen.Count); // none is listed that is not there
        Assert.InRange(explained, 20, int.MaxValue); // and of those that fail, enough are told why
        Assert.Equal(Enum.GetValues<SpfStatus>().Length, statuses.Count); // the cases reach every result
    }

    private static bool IsOurs(string their, SpfResult ours) => their.Equals(ours.Status.ToString(), StringComparison.OrdinalIgnoreCase);

    /// <param name="Words">Why pyspf says what it says.</param>
    /// <param name="WithoutVoidLimit">What it would say if it did not count void look-ups.</param>
    private sealed record SpfDifference(SpfResult Ours, string Words, string WithoutVoidLimit);
}
