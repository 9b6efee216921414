using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>Parents, children and several accounts: whose a signing domain is.</summary>
public sealed class CoverTests : IAsyncLifetime
{
    private DomainsStage _stage = default!;
    private Guid _ann, _bob;

    public async Task InitializeAsync()
    {
        _stage = await DomainsStage.OpenAsync();
        _ann = await _stage.UserAsync("ann@owner.example");
        _bob = await _stage.UserAsync("bob@other.example");
    }

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task Only_claims_in_force_are_found()
    {
        await _stage.AddAsync(_ann, "news.example");
        Assert.Empty(await WhoseAsync("news.example"));
        Guid proved = await _stage.ProveAsync(_bob, "news.example");
        Assert.Equal([(proved, "news.example", CoverRule.Exact)], await WhoseAsync("news.example"));
        await _stage.UnpublishAsync(proved);
        Assert.Equal(ClaimState.Warned, await _stage.AfterAsync(TimeSpan.FromHours(6), proved));
        Assert.Single(await WhoseAsync("news.example"));
        Assert.Equal(ClaimState.Suspended, await _stage.AfterAsync(TimeSpan.FromDays(7), proved));
        Assert.Empty(await WhoseAsync("news.example"));
    }

    [Fact]
    public async Task The_nearest_proved_parent_stands_in_for_a_name_that_nobody_proved()
    {
        Guid far = await _stage.ProveAsync(_ann, "example.test"), near = await _stage.ProveAsync(_ann, "news.example.test");
        Assert.Equal([(near, "news.example.test", CoverRule.Ancestor)], await WhoseAsync("a.b.news.example.test"));
        Assert.Equal([(far, "example.test", CoverRule.Ancestor)], await WhoseAsync("shop.example.test"));
        Assert.Empty(await WhoseAsync("badexample.test"));
        Assert.Empty(await WhoseAsync("test"));
    }

    [Fact]
    public async Task Both_accounts_that_proved_a_name_get_it_and_the_first_is_told()
    {
        Guid first = await _stage.ProveAsync(_ann, "news.example"), second = await _stage.ProveAsync(_bob, "news.example");
        Assert.Equal([(first, "news.example", CoverRule.Exact), (second, "news.example", CoverRule.Exact)], await WhoseAsync("news.example"));
        var mail = Assert.Single(await _stage.MailsAsync("ann@owner.example"));
        Assert.Equal("Another account has proved news.example", mail.Subject);
        Assert.Contains((await _stage.ClaimAsync(second)).Token, mail.Text, StringComparison.Ordinal);
        Assert.Empty(await _stage.MailsAsync("bob@other.example"));
        await _stage.AfterAsync(TimeSpan.FromHours(6), second);
        Assert.Single(await _stage.MailsAsync("ann@owner.example")); // told once, not at every look
    }

    [Fact]
    public async Task A_child_that_another_account_proved_leaves_the_parent()
    {
        Guid parent = await _stage.ProveAsync(_ann, "example.test"), child = await _stage.ProveAsync(_bob, "news.example.test");
        Assert.Equal([(child, "news.example.test", CoverRule.Exact)], await WhoseAsync("news.example.test"));
        Assert.Equal([(child, "news.example.test", CoverRule.Ancestor)], await WhoseAsync("x.news.example.test"));
        Assert.Equal([(parent, "example.test", CoverRule.Exact)], await WhoseAsync("example.test"));
        Assert.Equal("Another account has proved news.example.test", Assert.Single(await _stage.MailsAsync("ann@owner.example")).Subject);
    }

    [Fact]
    public async Task A_proved_parent_covers_a_claim_of_the_same_account_but_not_of_another()
    {
        Guid parent = await _stage.ProveAsync(_ann, "example.test"), parentOfBob = await _stage.ProveAsync(_bob, "example.test");
        Guid child = await _stage.AddAsync(_ann, "news.example.test");
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromMinutes(5), child));
        Assert.Equal("example.test", (await _stage.ClaimAsync(child)).CoveredBy);
        // No proof of its own: the other account with the parent goes on getting the subdomain's complaints.
        Assert.Equal(
            [(child, "news.example.test", CoverRule.CoveredSubdomain), (parentOfBob, "example.test", CoverRule.Ancestor)], await WhoseAsync("news.example.test"));
        Assert.Equal([(parent, "example.test", CoverRule.Exact), (parentOfBob, "example.test", CoverRule.Exact)], await WhoseAsync("example.test"));
        Guid stranger = await _stage.AddAsync(await _stage.UserAsync("eve@evil.example"), "news.example.test");
        Assert.Equal(ClaimState.Pending, await _stage.AfterAsync(TimeSpan.FromMinutes(5), stranger));
    }

    [Fact]
    public async Task A_covered_claim_ends_when_another_account_proves_its_name()
    {
        await _stage.ProveAsync(_ann, "example.test");
        Guid covered = await _stage.AddAsync(_ann, "news.example.test");
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromMinutes(5), covered));
        Guid taken = await _stage.ProveAsync(_bob, "news.example.test");
        DomainClaim after = await _stage.ClaimAsync(covered);
        Assert.Equal(ClaimState.Suspended, after.State); // at once: not a day of another account's complaints
        Assert.Equal([(taken, "news.example.test", CoverRule.Exact)], await WhoseAsync("news.example.test"));
        Assert.Equal(ClaimState.Suspended, await _stage.AfterAsync(TimeSpan.FromHours(6), covered));
        Assert.Contains("cannot stand in for it", (await _stage.ClaimAsync(covered)).LastAnswer, StringComparison.Ordinal);
        await _stage.PublishAsync(covered);
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromHours(6), covered));
        Assert.Equal(2, (await WhoseAsync("news.example.test")).Count);
    }

    [Fact]
    public async Task Nothing_below_a_name_that_another_account_proved_is_covered_from_above()
    {
        await _stage.ProveAsync(_ann, "example.test");
        await _stage.ProveAsync(_bob, "news.example.test");
        Guid below = await _stage.AddAsync(_ann, "x.news.example.test");
        Assert.Equal(ClaimState.Pending, await _stage.AfterAsync(TimeSpan.FromMinutes(5), below));
    }

    [Fact]
    public async Task A_covered_claim_goes_with_its_parent()
    {
        Guid parent = await _stage.ProveAsync(_ann, "example.test"), covered = await _stage.AddAsync(_ann, "news.example.test");
        await _stage.AfterAsync(TimeSpan.FromMinutes(5), covered);
        await _stage.Claims.RemoveAsync(parent, Guid.NewGuid(), CancellationToken.None);
        Assert.Empty(await WhoseAsync("news.example.test"));
        Assert.Equal(ClaimState.Suspended, await _stage.AfterAsync(TimeSpan.Zero, covered));
    }

    [Fact]
    public async Task A_silent_name_server_does_not_turn_a_proof_into_a_cover()
    {
        await _stage.ProveAsync(_ann, "example.test");
        Guid child = await _stage.ProveAsync(_ann, "news.example.test");
        _stage.Zone.Fail("_postmaster-challenge.news.example.test");
        await _stage.AfterAsync(TimeSpan.FromHours(6), child);
        Assert.Null((await _stage.ClaimAsync(child)).CoveredBy);
    }

    [Fact]
    public async Task The_address_is_given_only_when_it_takes_reports()
    {
        Guid claim = await _stage.ProveAsync(_ann, "news.example");
        await _stage.Addresses.RequestAsync(claim, _ann, "fbl@news.example", CancellationToken.None);
        Assert.Null((await FindAsync("news.example"))[0].Address);
        await _stage.Addresses.ConfirmAsync(await _stage.LastTokenAsync("fbl@news.example"), CancellationToken.None);
        CoveringClaim found = (await FindAsync("news.example"))[0];
        Assert.Equal(("fbl@news.example", _ann), (found.Address, found.OwnerId));
        Assert.NotNull(found.FeedbackAddressId);
        await _stage.Addresses.RemoveAsync(claim, Guid.NewGuid(), CancellationToken.None);
        Assert.Null((await FindAsync("news.example"))[0].FeedbackAddressId);
    }

    [Fact]
    public async Task Own_claims_come_before_memberships_and_operators_see_all()
    {
        Guid proved = await _stage.ProveAsync(_ann, "news.example");
        await using (PostmasterDb db = await _stage.DbAsync())
        {
            db.Members.Add(new DomainMember { ClaimId = proved, UserId = _bob, Role = MemberRole.Reader, CreatedAt = _stage.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        var access = _stage.Get<DomainAccess>();
        Assert.Equal(new AccessedDomain(proved, "news.example", MemberRole.Reader, ClaimState.Proved, false), await access.FindAsync(DomainsStage.Principal(_bob), "news.example", default));
        Guid own = await _stage.AddAsync(_bob, "news.example");
        Assert.Equal(own, (await access.FindAsync(DomainsStage.Principal(_bob), "news.example", default))?.ClaimId);
        Guid op = await _stage.UserAsync("op@provider.example", isOperator: true);
        AccessedDomain? seen = await access.FindAsync(DomainsStage.Principal(op), "news.example", default);
        Assert.Equal((proved, true, false), (seen!.ClaimId, seen.AsOperator, seen.CanChange));
        Assert.Null(await access.FindAsync(DomainsStage.Principal(await _stage.UserAsync("eve@evil.example")), "news.example", default));
        Assert.Null(await access.FindAsync(new(), "news.example", default));
    }

    private async Task<IReadOnlyList<CoveringClaim>> FindAsync(string domain) =>
        await _stage.Get<ClaimQueries>().FindCoveringAsync([DomainName.Parse(domain)], CancellationToken.None);

    private async Task<List<(Guid Claim, string Domain, CoverRule Rule)>> WhoseAsync(string domain) =>
        [.. (await FindAsync(domain)).Select(c => (c.ClaimId, c.ClaimedDomain, c.Rule))];
}
