using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using static Postmaster.Tests.Dmarc.DmarcKit;

namespace Postmaster.Tests.Dmarc;

public sealed class DmarcPolicyTests
{
    [Theory]
    [InlineData("example.org", "p=reject; sp=none; np=quarantine", DmarcPolicy.Reject, DmarcPolicySource.Domain)] // p for the domain itself
    [InlineData("here.example.org", "p=reject; sp=none; np=quarantine", DmarcPolicy.None, DmarcPolicySource.Subdomain)] // sp below it
    [InlineData("gone.example.org", "p=reject; sp=none; np=quarantine", DmarcPolicy.Quarantine, DmarcPolicySource.NonexistentSubdomain)] // np where nothing is
    [InlineData("gone.example.org", "p=reject; sp=quarantine", DmarcPolicy.Quarantine, DmarcPolicySource.Subdomain)] // np falls back to sp
    [InlineData("gone.example.org", "p=reject", DmarcPolicy.Reject, DmarcPolicySource.Domain)] // and to p
    [InlineData("here.example.org", "p=reject; np=none", DmarcPolicy.Reject, DmarcPolicySource.Domain)] // sp falls back to p, never to np
    [InlineData("below.example.org", "p=none; np=reject", DmarcPolicy.None, DmarcPolicySource.Domain)] // exists by what is below it
    [InlineData("own.example.org", "p=reject; sp=none", DmarcPolicy.Quarantine, DmarcPolicySource.Domain)] // a record of its own
    [InlineData("gone.example.org", "rua=mailto:a@example.org", DmarcPolicy.None, DmarcPolicySource.Assumed)] // no p, but reports
    [InlineData("gone.example.org", "p=reject; sp=oops; rua=mailto:a@example.org", DmarcPolicy.None, DmarcPolicySource.Assumed)]
    public async Task The_policy_is_the_tag_that_fits_the_author_domain(string author, string tags, DmarcPolicy policy, DmarcPolicySource source)
    {
        var zone = Zone("example.org", "v=DMARC1; " + tags, "own.example.org", "v=DMARC1; p=quarantine; sp=none").AddAddress("here.example.org", "192.0.2.1").AddTxt("x.below.example.org", "x");
        var result = await JudgeAsync(zone, author);
        Assert.Equal((DmarcStatus.Fail, policy, source), (result.Status, result.Policy, result.PolicySource));
        Assert.Equal(policy, result.AppliedPolicy);
    }

    [Fact]
    public async Task Records_between_the_author_and_the_organizational_domain_do_not_rule()
    {
        var zone = Zone("b.example.org", "v=DMARC1; p=reject", "example.org", "v=DMARC1; p=quarantine; sp=none");
        var result = await JudgeAsync(zone, "a.b.example.org");
        Assert.Equal(("example.org", DmarcPolicy.None), (result.PolicyDomain?.Ascii, result.Policy));
    }

    [Fact]
    public async Task A_public_suffix_rules_where_the_organization_has_no_record()
    {
        var zone = Zone("bank.example", "v=DMARC1; p=none; sp=quarantine; np=reject; psd=y", "big.bank.example", "v=DMARC1; p=none; psd=u").AddAddress("small.bank.example", "192.0.2.1");
        Assert.Equal(("bank.example", DmarcPolicy.Quarantine), await RulesAsync("small.bank.example"));
        Assert.Equal(("bank.example", DmarcPolicy.Reject), await RulesAsync("gone.bank.example"));
        Assert.Equal(("big.bank.example", DmarcPolicy.None), await RulesAsync("big.bank.example"));
        Assert.Equal(("big.bank.example", DmarcPolicy.None), await RulesAsync("mail.big.bank.example"));

        async Task<(string?, DmarcPolicy)> RulesAsync(string author)
        {
            var result = await JudgeAsync(zone, author);
            return (result.PolicyDomain?.Ascii, result.Policy);
        }
    }

    [Theory]
    [InlineData("p=reject; t=y", DmarcPolicy.Reject, DmarcPolicy.Quarantine)]
    [InlineData("p=quarantine; t=y", DmarcPolicy.Quarantine, DmarcPolicy.None)]
    [InlineData("p=none; t=y", DmarcPolicy.None, DmarcPolicy.None)]
    [InlineData("p=reject; t=n", DmarcPolicy.Reject, DmarcPolicy.Reject)]
    [InlineData("p=reject; pct=0", DmarcPolicy.Reject, DmarcPolicy.Reject)] // pct is gone
    public async Task A_policy_in_test_is_applied_one_level_lower(string tags, DmarcPolicy policy, DmarcPolicy applied)
    {
        var result = await JudgeAsync(Zone("example.org", "v=DMARC1; " + tags), "example.org");
        Assert.Equal((policy, applied, applied), (result.Policy, result.PolicyInEffect, result.AppliedPolicy));
    }

    [Fact]
    public async Task Nothing_is_asked_for_a_message_that_passes()
    {
        var result = await JudgeAsync(Zone("example.org", "v=DMARC1; p=reject"), "example.org", null, null, Signed("example.org"));
        Assert.Equal((DmarcPolicy.Reject, DmarcPolicy.Reject, DmarcPolicy.None), (result.Policy, result.PolicyInEffect, result.AppliedPolicy));
    }

    [Fact]
    public async Task A_record_without_policy_and_reports_is_an_error_and_hides_no_other()
    {
        var zone = Zone("a.example.org", "v=DMARC1; p=oops", "example.org", "v=DMARC1; p=reject");
        var result = await JudgeAsync(zone, "a.example.org", null, null, Signed("a.example.org"));
        Assert.Equal((DmarcStatus.PermError, DmarcProblem.NoPolicy, "a.example.org", DmarcPolicy.None), (result.Status, result.Problem, result.PolicyDomain?.Ascii, result.AppliedPolicy));
        Assert.Equal("example.org", result.OrganizationalDomain?.Ascii);
    }

    [Fact]
    public async Task Whether_the_author_domain_exists_matters_only_to_np_and_to_failures()
    {
        var zone = Zone("example.org", "v=DMARC1; p=reject; np=none").Fail("a.example.org");
        Assert.Equal(DmarcStatus.TempError, (await JudgeAsync(zone, "a.example.org")).Status);
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync(zone, "a.example.org", null, null, Signed("example.org"))).Status);
        zone = Zone("example.org", "v=DMARC1; p=reject; np=reject").Fail("a.example.org");
        Assert.Equal(DmarcPolicy.Reject, (await JudgeAsync(zone, "a.example.org")).AppliedPolicy);
    }

    [Fact]
    public async Task The_view_of_RFC_7489_is_told_where_it_differs()
    {
        var options = new DmarcEvaluatorOptions { PublicSuffixOf = domain => Name(domain.Ascii.EndsWith(".co.example", StringComparison.Ordinal) ? "co.example" : domain.Ascii.Split('.')[^1]) };

        // The same by both: nothing to tell.
        Assert.Null((await JudgeAsync(Zone("example.org", "v=DMARC1; p=reject"), "a.example.org", null, options, Signed("b.example.org"))).Legacy);
        // A department with psd=n is a stranger now and was none then.
        var split = await JudgeAsync(Zone("example.org", "v=DMARC1; p=reject", "dept.example.org", "v=DMARC1; p=reject; psd=n"), "dept.example.org", null, options, Signed("example.org"));
        Assert.Equal((DmarcStatus.Fail, DmarcStatus.Pass, "example.org"), (split.Status, split.Legacy?.Status, split.Legacy?.OrganizationalDomain.Ascii));
        // A public suffix without a psd=y record.
        var shared = await JudgeAsync(Zone("co.example", "v=DMARC1; p=none"), "a.co.example", null, options, Signed("b.co.example"));
        Assert.Equal((DmarcStatus.Pass, DmarcStatus.None), (shared.Status, shared.Legacy?.Status));
        // np, t and pct.
        var test = await JudgeAsync(Zone("example.org", "v=DMARC1; p=reject; np=none; t=y; pct=30"), "gone.example.org", null, options);
        Assert.Equal((DmarcPolicy.None, DmarcPolicy.Reject, 30), (test.PolicyInEffect, test.Legacy?.Policy, test.Legacy?.Percent));
        // Several records ended the search.
        var several = await JudgeAsync(Zone("a.example.org", "v=DMARC1; p=none", "example.org", "v=DMARC1; p=reject").AddTxt("_dmarc.a.example.org", "v=DMARC1; p=none;"), "a.example.org", null, options);
        Assert.Equal((DmarcStatus.Fail, DmarcStatus.None), (several.Status, several.Legacy?.Status));
        // Without a list there is no such view.
        Assert.Null((await JudgeAsync(Zone("example.org", "v=DMARC1; p=reject; t=y"), "example.org")).Legacy);
    }
}
