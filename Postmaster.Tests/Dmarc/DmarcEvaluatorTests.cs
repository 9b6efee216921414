using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;
using static Postmaster.Tests.Dmarc.DmarcKit;

namespace Postmaster.Tests.Dmarc;

public sealed class DmarcEvaluatorTests
{
    private const string Reject = "v=DMARC1; p=reject";

    [Fact]
    public async Task An_aligned_signature_passes()
    {
        var zone = Zone("example.org", Reject);
        Assert.Equal("DKIM passed for example.org, the domain of From", (await JudgeAsync(zone, "example.org", null, null, Signed("example.org"))).Reason);
        Assert.Equal("DKIM passed for mail.example.org, aligned with From", (await JudgeAsync(zone, "example.org", null, null, Signed("mail.example.org"))).Reason);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "a.example.org", null, null, Signed("b.example.org"))).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "a.example.org", null, null, Signed("example.org"))).Status);
    }

    [Fact]
    public async Task An_aligned_MAIL_FROM_passes()
    {
        var zone = Zone("example.org", Reject);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "example.org", Sent("bounce.example.org"))).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "example.org", Sent("mx.example.org", identity: SpfIdentity.NullMailFrom))).Status); // postmaster at HELO
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "example.org", Sent("mx.example.org", identity: SpfIdentity.Helo))).Status); // the HELO identity itself
    }

    [Fact]
    public async Task What_passes_for_others_does_not()
    {
        var zone = Zone("example.org", Reject, "esp.example", Reject);
        var result = await JudgeAsync(zone, "example.org", Sent("bounce.esp.example"), null, Signed("esp.example"), Signed("badexample.org"));
        Assert.Equal((DmarcStatus.Fail, DmarcProblem.NotAligned), (result.Status, result.Problem));
        Assert.Equal("what passed is not aligned with From: DKIM esp.example, DKIM badexample.org, SPF bounce.esp.example", result.Reason);
        Assert.DoesNotContain(zone.Queries, q => q.Name.Contains("esp", StringComparison.Ordinal)); // no walk can bring them together
    }

    [Fact]
    public async Task One_aligned_identifier_is_enough()
    {
        var result = await JudgeAsync(Zone("example.org", Reject), "example.org", Sent("example.org", SpfStatus.Fail), null, Signed("esp.example"), Signed("example.org", DkimStatus.Fail), Signed("example.org"));
        Assert.Equal(DmarcStatus.Pass, result.Status);
        Assert.Equal(["Dkim esp.example None", "Dkim example.org Strict"], result.Identifiers.Select(i => $"{i.Mechanism} {i.Domain} {i.Alignment}"));
    }

    [Theory]
    [InlineData(DkimStatus.Fail)]
    [InlineData(DkimStatus.Policy)]
    [InlineData(DkimStatus.Neutral)]
    [InlineData(DkimStatus.PermError)]
    [InlineData(DkimStatus.None)]
    public async Task A_signature_that_did_not_pass_is_none(DkimStatus status)
        => Assert.Equal(DmarcProblem.NotAuthenticated, (await JudgeAsync(Zone("example.org", Reject), "example.org", null, null, Signed("example.org", status))).Problem);

    [Theory]
    [InlineData(SpfStatus.Fail)]
    [InlineData(SpfStatus.SoftFail)]
    [InlineData(SpfStatus.Neutral)]
    [InlineData(SpfStatus.None)]
    [InlineData(SpfStatus.PermError)]
    public async Task SPF_that_did_not_pass_is_none(SpfStatus status)
        => Assert.Equal(DmarcProblem.NotAuthenticated, (await JudgeAsync(Zone("example.org", Reject), "example.org", Sent("example.org", status))).Problem);

    [Fact]
    public async Task Strict_alignment_wants_the_same_domain()
    {
        var zone = Zone("example.org", "v=DMARC1; p=reject; adkim=s; aspf=s");
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "example.org", Sent("a.example.org"), null, Signed("a.example.org"))).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "example.org", null, null, Signed("example.org"))).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "example.org", Sent("example.org"))).Status);
        var mixed = Zone("example.org", "v=DMARC1; p=reject; adkim=s");
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(mixed, "example.org", null, null, Signed("a.example.org"))).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(mixed, "example.org", Sent("a.example.org"))).Status);
    }

    [Fact]
    public async Task A_subdomain_that_is_an_organization_of_its_own_is_not_aligned()
    {
        var zone = Zone("example.org", Reject, "tenant.example.org", "v=DMARC1; p=reject; psd=n");
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "example.org", null, null, Signed("tenant.example.org"))).Status);
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "tenant.example.org", null, null, Signed("example.org"))).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "a.tenant.example.org", null, null, Signed("b.tenant.example.org"))).Status);
    }

    [Fact]
    public async Task Neighbours_below_a_public_suffix_are_strangers()
    {
        var zone = Zone("bank.example", "v=DMARC1; p=reject; psd=y", "big.bank.example", Reject);
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "big.bank.example", null, null, Signed("mail.small.bank.example"))).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "big.bank.example", Sent("mail.big.bank.example"))).Status);
    }

    [Fact]
    public async Task A_key_in_test_counts_as_no_signature_unless_asked_for()
    {
        var zone = Zone("example.org", Reject);
        var result = await JudgeAsync(zone, "example.org", null, null, Signed("example.org", testing: true));
        Assert.Equal((DmarcStatus.Fail, "neither DKIM nor SPF passed: the key of an aligned signature is in test (t=y)"), (result.Status, result.Reason));
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "example.org", null, new DmarcEvaluatorOptions { CountTestSignatures = true }, Signed("example.org", testing: true))).Status);
    }

    [Fact]
    public async Task Without_a_record_there_is_none()
    {
        var result = await JudgeAsync(new ZoneResolver(), "example.org", null, null, Signed("example.org"));
        Assert.Equal((DmarcStatus.None, DmarcProblem.NoRecord, DmarcPolicy.None), (result.Status, result.Problem, result.AppliedPolicy));
    }

    [Theory]
    [InlineData("_dmarc.a.example.org")] // at the author domain
    [InlineData("_dmarc.example.org")] // on the way
    [InlineData("_dmarc.org")]
    public async Task What_DNS_does_not_say_of_the_record_is_temporary(string name)
    {
        var result = await JudgeAsync(new ZoneResolver().Fail(name, DnsStatus.Timeout), "a.example.org");
        Assert.Equal((DmarcStatus.TempError, DmarcProblem.DnsFailure), (result.Status, result.Problem));
        Assert.Contains(name, result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DNS_decides_nothing_that_is_known_without_it()
    {
        var zone = Zone("a.example.org", Reject).Fail("_dmarc.example.org");
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "a.example.org", null, null, Signed("a.example.org"))).Status); // the same domain
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "a.example.org", null, null, Signed("esp.example"))).Status); // never the same organization
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "a.example.org")).Status); // nothing to align
        Assert.Equal(DmarcStatus.TempError, (await JudgeAsync(zone, "a.example.org", null, null, Signed("b.example.org"))).Status); // but this depends on it
    }

    [Fact]
    public async Task A_mechanism_that_DNS_kept_from_a_result_might_have_passed()
    {
        var zone = Zone("example.org", Reject);
        Assert.Equal(DmarcStatus.TempError, (await JudgeAsync(zone, "example.org", null, null, Signed("mail.example.org", DkimStatus.TempError))).Status);
        Assert.Equal(DmarcStatus.TempError, (await JudgeAsync(zone, "example.org", Sent("example.org", SpfStatus.TempError))).Status);
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone, "example.org", Sent("esp.example", SpfStatus.TempError))).Status); // not aligned anyway
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "example.org", Sent("example.org", SpfStatus.TempError), null, Signed("example.org"))).Status);
    }

    [Fact]
    public async Task Without_SPF_a_failure_is_not_for_good()
    {
        var evaluator = new DmarcEvaluator(Zone("example.org", Reject));
        var result = await evaluator.EvaluateAsync(Name("example.org"), [Signed("esp.example")], null, CancellationToken.None);
        Assert.Equal((DmarcStatus.Fail, DmarcProblem.SpfNotChecked, DmarcPolicy.None), (result.Status, result.Problem, result.AppliedPolicy));
        result = await evaluator.EvaluateAsync(Name("example.org"), [Signed("example.org")], null, CancellationToken.None);
        Assert.Equal(DmarcStatus.Pass, result.Status);
    }
}
