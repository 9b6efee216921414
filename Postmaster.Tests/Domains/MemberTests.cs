using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>Invitations, roles and the last owner.</summary>
public sealed class MemberTests : IAsyncLifetime
{
    private const string BobMail = "bob@other.example";
    private DomainsStage _stage = default!;
    private Guid _ann, _bob, _claim;

    public async Task InitializeAsync()
    {
        _stage = await DomainsStage.OpenAsync();
        _ann = await _stage.UserAsync("ann@owner.example");
        _bob = await _stage.UserAsync(BobMail);
        _claim = await _stage.ProveAsync(_ann, "news.example");
    }

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task An_invitation_is_accepted_once_by_the_invited_address_alone()
    {
        string token = await InviteAsync(BobMail, MemberRole.Reader);
        Guid eve = await _stage.UserAsync("eve@evil.example"), unconfirmed = await _stage.UserAsync("BOB@other.example", confirmed: false);
        Assert.IsType<AcceptResult.WrongAccount>(await AcceptAsync(token, eve));
        Assert.IsType<AcceptResult.WrongAccount>(await AcceptAsync(token, unconfirmed));
        var view = await _stage.Get<MemberQueries>().PeekAsync(token, eve, CancellationToken.None);
        Assert.Equal(("b***@other.example", false), (view!.MaskedEmail, view.IsForVisitor));
        Assert.Equal(new AcceptResult.Accepted("news.example"), await AcceptAsync(token, _bob));
        Assert.Equal(MemberRole.Reader, await RoleAsync(_bob));
        Assert.IsType<AcceptResult.Gone>(await AcceptAsync(token, _bob));
        Assert.Null(await _stage.Get<MemberQueries>().PeekAsync(token, _bob, CancellationToken.None));
    }

    [Fact]
    public async Task Links_end_by_age_by_revoking_by_a_new_invitation_and_with_the_claim()
    {
        string old = await InviteAsync(BobMail, MemberRole.Owner);
        _stage.Time.Advance(InvitationStore.Lifetime);
        Assert.IsType<AcceptResult.Gone>(await AcceptAsync(old, _bob));
        string replaced = await InviteAsync(BobMail, MemberRole.Owner), revoked = await InviteAsync(BobMail, MemberRole.Reader);
        Assert.IsType<AcceptResult.Gone>(await AcceptAsync(replaced, _bob));
        InvitationRow open = Assert.Single(await _stage.Get<MemberQueries>().OpenInvitationsAsync(_claim, CancellationToken.None));
        Assert.False(await _stage.Invitations.RevokeAsync(Guid.NewGuid(), open.Id, _ann, CancellationToken.None)); // another claim's owner
        Assert.True(await _stage.Invitations.RevokeAsync(_claim, open.Id, _ann, CancellationToken.None));
        Assert.IsType<AcceptResult.Gone>(await AcceptAsync(revoked, _bob));
        _stage.Time.Advance(TimeSpan.FromDays(1));
        string last = await InviteAsync(BobMail, MemberRole.Reader);
        await _stage.Claims.RemoveAsync(_claim, _ann, CancellationToken.None);
        Assert.IsType<AcceptResult.Gone>(await AcceptAsync(last, _bob));
    }

    [Fact]
    public async Task A_link_of_another_purpose_is_no_invitation_and_the_other_way_round()
    {
        await _stage.Addresses.RequestAsync(_claim, _ann, BobMail, CancellationToken.None);
        string confirmation = await _stage.LastTokenAsync(BobMail);
        Assert.IsType<AcceptResult.Gone>(await AcceptAsync(confirmation, _bob));
        string invitation = await InviteAsync(BobMail, MemberRole.Owner);
        Assert.Null(await _stage.Addresses.ConfirmAsync(invitation, CancellationToken.None));
        Assert.Null(await _stage.Addresses.DeclineAsync(invitation, CancellationToken.None));
        Assert.NotNull(await _stage.Addresses.ConfirmAsync(confirmation, CancellationToken.None));
    }

    [Fact]
    public async Task Invitations_are_limited_per_mailbox_and_per_claim()
    {
        string[] faces = [BobMail, "BOB+a@other.example", "bob+b@other.example"];
        foreach (string face in faces)
            Assert.Equal(InviteResult.Sent, await _stage.Invitations.InviteAsync(_claim, _ann, face, MemberRole.Reader, CancellationToken.None));
        Guid elsewhere = await _stage.ProveAsync(_ann, "shop.example");
        Assert.Equal(InviteResult.TooManyToMailbox, await _stage.Invitations.InviteAsync(elsewhere, _ann, "bob+c@other.example", MemberRole.Reader, CancellationToken.None));
        for (int i = faces.Length; i < InvitationStore.MostPerClaim; i++)
            Assert.Equal(InviteResult.Sent, await _stage.Invitations.InviteAsync(_claim, _ann, $"p{i}@other.example", MemberRole.Reader, CancellationToken.None));
        Assert.Equal(InviteResult.TooManyOfClaim, await _stage.Invitations.InviteAsync(_claim, _ann, "more@other.example", MemberRole.Reader, CancellationToken.None));
        _stage.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(InviteResult.Sent, await _stage.Invitations.InviteAsync(_claim, _ann, BobMail, MemberRole.Reader, CancellationToken.None));
    }

    [Theory]
    [InlineData("nonsense", InviteResult.BadAddress)]
    [InlineData("Ann@Owner.example", InviteResult.AlreadyMember)]
    public async Task Wrong_invitations_are_refused(string email, InviteResult expected) =>
        Assert.Equal(expected, await _stage.Invitations.InviteAsync(_claim, _ann, email, MemberRole.Reader, CancellationToken.None));

    [Fact]
    public async Task Nobody_is_invited_to_a_domain_that_is_not_proved()
    {
        Guid pending = await _stage.AddAsync(_ann, "pending.example");
        Assert.Equal(InviteResult.NotInForce, await _stage.Invitations.InviteAsync(pending, _ann, BobMail, MemberRole.Reader, CancellationToken.None));
    }

    [Fact]
    public async Task The_last_owner_cannot_leave_and_a_claim_is_handed_over()
    {
        await AcceptAsync(await InviteAsync(BobMail, MemberRole.Reader), _bob);
        Assert.Equal(MemberChange.LastOwner, await _stage.Members.RemoveAsync(_claim, _ann, _ann, CancellationToken.None));
        Assert.Equal(MemberChange.LastOwner, await _stage.Members.SetRoleAsync(_claim, _ann, MemberRole.Reader, _ann, CancellationToken.None));
        Assert.Equal(MemberChange.Done, await _stage.Members.SetRoleAsync(_claim, _bob, MemberRole.Owner, _ann, CancellationToken.None));
        Assert.Equal(MemberChange.Done, await _stage.Members.RemoveAsync(_claim, _ann, _ann, CancellationToken.None));
        Assert.Equal(_bob, (await _stage.ClaimAsync(_claim)).OwnerId);
        Assert.Equal(MemberChange.LastOwner, await _stage.Members.RemoveAsync(_claim, _bob, _ann, CancellationToken.None));
        Assert.Equal(MemberChange.Gone, await _stage.Members.RemoveAsync(_claim, _ann, _ann, CancellationToken.None));
        await _stage.AddAsync(_ann, "news.example"); // the account that handed it over may prove the domain again
    }

    [Fact]
    public async Task Two_owners_who_leave_at_the_same_moment_do_not_leave_the_claim_without_one()
    {
        await AcceptAsync(await InviteAsync(BobMail, MemberRole.Owner), _bob);
        MemberChange[] changes = await Task.WhenAll(
            Task.Run(() => _stage.Members.RemoveAsync(_claim, _ann, _ann, CancellationToken.None)),
            Task.Run(() => _stage.Members.RemoveAsync(_claim, _bob, _ann, CancellationToken.None)));
        Assert.Equal(1, changes.Count(c => c == MemberChange.Done));
        Assert.Equal(1, changes.Count(c => c == MemberChange.LastOwner));
    }

    [Fact]
    public async Task Who_is_removed_takes_the_open_invitations_along()
    {
        await AcceptAsync(await InviteAsync(BobMail, MemberRole.Owner), _bob);
        Guid eve = await _stage.UserAsync("eve@evil.example");
        Assert.Equal(InviteResult.Sent, await _stage.Invitations.InviteAsync(_claim, _bob, "eve@evil.example", MemberRole.Owner, CancellationToken.None));
        string token = await _stage.LastTokenAsync("eve@evil.example");
        await _stage.Members.RemoveAsync(_claim, _bob, _ann, CancellationToken.None);
        Assert.IsType<AcceptResult.Gone>(await AcceptAsync(token, eve));
    }

    private async Task<string> InviteAsync(string email, MemberRole role)
    {
        Assert.Equal(InviteResult.Sent, await _stage.Invitations.InviteAsync(_claim, _ann, email, role, CancellationToken.None));
        return await _stage.LastTokenAsync(email);
    }

    private Task<AcceptResult> AcceptAsync(string token, Guid user) => _stage.Invitations.AcceptAsync(token, user, CancellationToken.None);

    private async Task<MemberRole?> RoleAsync(Guid user) =>
        (await _stage.Get<MemberQueries>().ListAsync(_claim, CancellationToken.None)).FirstOrDefault(m => m.UserId == user)?.Role;
}
