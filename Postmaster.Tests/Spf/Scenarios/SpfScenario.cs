using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>
/// Vectors of our own for what a test suite of RFC 7208 has to look at: a class for each scenario, a zone in it, and a row for each kind of
/// case. Of a zone every line is a name, a type and the data; TXT is the rest of the line, one octet a character, <c>\xHH</c> for the odd
/// ones and <c>|</c> between two strings; type SPF is the forbidden type 99 (RFC 7208 §3.1); FAIL makes the name time out.
/// </summary>
internal static partial class SpfScenario
{
    /// <summary>As the explanation of a row: there must be none.</summary>
    public const string NoWords = "no explanation";

    private const DnsRecordType ForbiddenType = (DnsRecordType)99;

    /// <param name="sender">A mailbox, or a domain in which anna is the sender; empty for the null reverse-path.</param>
    /// <param name="verdict">An <see cref="SpfStatus"/>, or the <see cref="SpfProblem"/> that it comes from.</param>
    /// <param name="explanation">Null when the row is not about it.</param>
    public static async Task ExpectAsync(string zone, string kind, string sender, object verdict, string client, string helo, string? explanation)
    {
        var dns = Read(zone);
        var reversePath = sender.Length == 0 || sender.Contains('@', StringComparison.Ordinal) ? sender : "anna@" + sender;
        var result = await new SpfEvaluator(dns, new SpfEvaluatorOptions { ReceivingHost = "border.provider.example" })
            .CheckReversePathAsync(IPAddress.Parse(client), reversePath, helo, CancellationToken.None);

        Assert.True(verdict is SpfProblem ? verdict.Equals(result.Problem) : verdict.Equals(result.Status), $"{kind}: {result.Status} {result.Problem} ({result.Reason})");
        Assert.Equal(verdict is SpfProblem problem ? StatusOf(problem) : verdict, result.Status);
        if (explanation is not null)
            Assert.Equal(explanation is NoWords ? null : explanation, result.Explanation);
        Assert.DoesNotContain(dns.Queries, q => q.Type == ForbiddenType);
    }

    /// <summary>RFC 7208 §2.6, §4.3-§4.6: what there is nothing to judge by, what may be known later, and what the domain has to mend.</summary>
    private static SpfStatus StatusOf(SpfProblem problem) => problem switch
    {
        SpfProblem.BadDomain or SpfProblem.NoRecord => SpfStatus.None,
        SpfProblem.DnsFailure => SpfStatus.TempError,
        _ => SpfStatus.PermError,
    };

    private static ZoneResolver Read(string text)
    {
        var zone = new ZoneResolver();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.TrimEnd('\r').Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            var (name, type, data) = (words[0], words[1], words.Length == 3 ? words[2] : "");
            if (type is "FAIL")
                zone.Fail(name, DnsStatus.Timeout);
            else
                zone.Add(Record(name, type, data));
        }
        return zone;
    }

    private static DnsRecord Record(string name, string type, string data) => type switch
    {
        "TXT" => new TxtRecord(name, ZoneResolver.DefaultTtl, [.. data.Split('|').Select(Octets)]),
        "SPF" => new UnknownRecord(name, ZoneResolver.DefaultTtl, ForbiddenType, [(byte)data.Length, .. Octets(data)]),
        "A" or "AAAA" => new ARecord(name, ZoneResolver.DefaultTtl, IPAddress.Parse(data)),
        "MX" => new MxRecord(name, ZoneResolver.DefaultTtl, 10, data),
        "PTR" => new PtrRecord(ReverseName.Of(IPAddress.Parse(name)), ZoneResolver.DefaultTtl, data),
        "CNAME" => new CnameRecord(name, ZoneResolver.DefaultTtl, data),
        _ => throw new FormatException(type),
    };

    private static byte[] Octets(string text) => Encoding.Latin1.GetBytes(OddOctet().Replace(text, m => ((char)byte.Parse(m.ValueSpan[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));

    [GeneratedRegex(@"\\x[0-9A-F]{2}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OddOctet();
}
