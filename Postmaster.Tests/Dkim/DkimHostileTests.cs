using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dkim;

/// <summary>Fields and answers made to cost: a verdict each time, a known number of questions, memory in proportion to the mail.</summary>
public sealed class DkimHostileTests
{
    private static readonly string Hash = Convert.ToBase64String(new byte[32]);

    public static TheoryData<string, DkimProblem> Fields() => new()
    {
        { "v=1; " + Many(10_000, i => $"t{i}=x; ") + "a=rsa-sha256", DkimProblem.SignatureSyntax },
        { Many(10_000, _ => "a=b;"), DkimProblem.SignatureSyntax },
        { Many(100_000, _ => ";"), DkimProblem.SignatureSyntax },
        { $"v=1; a=rsa-sha256; d=example.org; s=s1; bh={Hash}; b=AAAA; h=" + string.Join(':', Enumerable.Repeat("From", 100_000)), DkimProblem.TooManySignedFields },
        { $"v=1; a=rsa-sha256; d=example.org; s=s1; bh={Hash}; b=AAAA; h=From" + Many(100_000, i => $":x{i}"), DkimProblem.TooManySignedFields },
        { $"v=1; a=rsa-sha256; d=example.org; s=s1; bh={Hash}; h=From; b=" + new string('A', 1_000_000), DkimProblem.SignatureMismatch },
        { $"v=1; a=rsa-sha256; d={Many(50_000, _ => "a.")}example; s=s1; bh={Hash}; h=From; b=AAAA", DkimProblem.BadDomain },
        { $"v=1; a=rsa-sha256; d=example.org; s={Many(50_000, _ => "a.")}b; bh={Hash}; h=From; b=AAAA", DkimProblem.BadSelector },
        { $"v=1; a=rsa-sha256; d=example.org; s=s1; bh={Hash}; h=From; b=AAAA; q=" + Many(100_000, _ => "x/y:") + "dns/txt", DkimProblem.SignatureMismatch },
        { $"v=1; a=rsa-sha256; d=example.org; s=s1; bh={Hash}; h=From; b=AAAA; i={new string('a', 500_000)}@example.org", DkimProblem.SignatureMismatch },
        { $"v=1; a=rsa-sha256; d=example.org; s=s1; bh={Hash}; h=From; b=AAAA; l=" + new string('9', 500_000), DkimProblem.SignatureSyntax },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_signature_without_end_has_a_verdict(string field, DkimProblem problem)
    {
        var zone = DkimKit.Zone();
        var verifier = new DkimVerifier(zone);
        Within(80, $"DKIM-Signature: {field}\r\n{DkimKit.Message}", message =>
        {
            zone.ClearQueries();
            var result = Assert.Single(ParserFuzz.Now(verifier.VerifyAsync(message, DkimKit.Now, CancellationToken.None)));
            Assert.True(result.Problem == problem || (problem == DkimProblem.SignatureMismatch && result.Status == DkimStatus.Fail), $"{result.Problem}: {result.Reason}");
            Assert.InRange(result.Reason.Length, 1, 1000);
            Assert.InRange(zone.Queries.Count, 0, 1);
        });
    }

    [Fact]
    public void Ten_thousand_signatures_are_sixteen_verdicts_and_one_for_the_rest()
    {
        var zone = DkimKit.Zone();
        var verifier = new DkimVerifier(zone);
        Within(80, Many(10_000, i => $"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x{i}; h=From; bh={Hash}; b=AAAA\r\n") + DkimKit.Sign(), message =>
        {
            zone.ClearQueries();
            var results = ParserFuzz.Now(verifier.VerifyAsync(message, DkimKit.Now, CancellationToken.None));
            Assert.Equal(17, results.Count);
            Assert.Equal((DkimStatus.Neutral, DkimProblem.TooManySignatures), (results[16].Status, results[16].Problem));
            Assert.Equal(16, zone.Queries.Count);
        });
    }

    [Fact]
    public void Signatures_that_each_want_another_length_of_a_large_body_cost_no_memory()
    {
        var verifier = new DkimVerifier(DkimKit.Zone());
        var signatures = Many(16, i => $"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1; l={1000 + i}; h=From; bh={Hash}; b=AAAA\r\n");
        Within(8, signatures + DkimKit.Message + new string('x', 2_000_000), message =>
            Assert.Equal(16, ParserFuzz.Now(verifier.VerifyAsync(message, DkimKit.Now, CancellationToken.None)).Count(r => r.Status == DkimStatus.Fail)));
    }

    [Fact]
    public async Task A_key_behind_aliases_without_end_is_for_later()
        => await DkimKit.ExpectAsync(DkimStatus.TempError, DkimProblem.DnsFailure, DkimKit.Sign(), new ZoneResolver().AddCname(DkimKit.KeyName, "x.example").AddCname("x.example", DkimKit.KeyName));

    [Fact]
    public async Task Of_a_thousand_keys_under_one_name_few_are_tried()
    {
        var zone = DkimKit.ZoneOf([.. Enumerable.Range(0, 1000).Select(i => "v=DKIM1; n=" + i + "; p=" + DkimKit.RsaP.Replace("AQAB", "AQAC", StringComparison.Ordinal))]);
        var result = await DkimKit.VerifyAsync(DkimKit.Sign(), zone);
        Assert.NotEqual(DkimStatus.Pass, result.Status);
        Assert.Single(zone.Queries);
    }

    [Fact]
    public async Task A_key_record_of_64_kilobytes_is_no_key()
    {
        var zone = new ZoneResolver().Add(new TxtRecord(DkimKit.KeyName, ZoneResolver.DefaultTtl, [.. Encoding.ASCII.GetBytes("v=DKIM1; p=" + new string('A', 65_000)).Chunk(255)]));
        await DkimKit.ExpectAsync(DkimStatus.PermError, DkimProblem.KeySyntax, DkimKit.Sign(), zone);
    }

    private static string Many(int count, Func<int, string> text) => string.Concat(Enumerable.Range(0, count).Select(text));

    /// <param name="eachOctet">Octets that may be allocated for one of the mail.</param>
    private static void Within(int eachOctet, string mail, Action<RawMessage> verify) => new ParserFuzz
    {
        Seed = 1,
        Samples = [mail],
        Alphabet = [],
        Rounds = 0,
        CutStep = int.MaxValue,
        FloodLength = 0,
        Allocation = (eachOctet, 1024 * 1024),
    }.Run(octets =>
    {
        if (octets.Length > 0)
            verify(MessageReader.Read(octets));
    });
}
