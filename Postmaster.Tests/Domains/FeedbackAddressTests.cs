using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>An address gets nothing but the mail with the link until whoever reads it agrees.</summary>
public sealed class FeedbackAddressTests : IAsyncLifetime
{
    private const string Fbl = "fbl@news.example";
    private DomainsStage _stage = default!;
    private Guid _ann, _claim;

    public async Task InitializeAsync()
    {
        _stage = await DomainsStage.OpenAsync();
        _ann = await _stage.UserAsync("ann@owner.example");
        _claim = await _stage.ProveAsync(_ann, "news.example");
    }

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task A_link_confirms_once_and_looking_at_it_changes_nothing()
    {
        Assert.Equal(FeedbackRequestResult.Sent, await RequestAsync(Fbl));
        string token = await _stage.LastTokenAsync(Fbl);
        var queries = _stage.Get<FeedbackAddressQueries>();
        Assert.Equal(new FeedbackLinkView("news.example", Fbl, "ann@owner.example"), await queries.PeekAsync(token, CancellationToken.None));
        Assert.Null((await queries.FindAsync(_claim, CancellationToken.None))!.ConfirmedAt);
        Assert.Equal(new FeedbackAnswer("news.example", Fbl), await _stage.Addresses.ConfirmAsync(token, CancellationToken.None));
        Assert.Null(await _stage.Addresses.ConfirmAsync(token, CancellationToken.None));
        Assert.Null(await _stage.Addresses.DeclineAsync(token, CancellationToken.None));
        Assert.Null(await queries.PeekAsync(token, CancellationToken.None));
        Assert.Equal(_stage.Time.GetUtcNow(), (await queries.FindAsync(_claim, CancellationToken.None))!.ConfirmedAt);
        Assert.Equal(FeedbackRequestResult.Same, await RequestAsync("fbl@NEWS.example"));
    }

    [Theory]
    [InlineData("", FeedbackRequestResult.BadAddress)]
    [InlineData("Ann <ann@owner.example>", FeedbackRequestResult.BadAddress)]
    [InlineData("a@b.example\r\nBcc: x@y.example", FeedbackRequestResult.BadAddress)]
    [InlineData("root@localhost", FeedbackRequestResult.BadAddress)]
    [InlineData("büro@owner.example", FeedbackRequestResult.NotAscii)]
    [InlineData("spam@fbl.provider.example", FeedbackRequestResult.WouldLoop)]
    [InlineData("x@deep.FBL.provider.example", FeedbackRequestResult.WouldLoop)]
    public async Task Addresses_that_cannot_work_are_refused(string address, FeedbackRequestResult expected) => Assert.Equal(expected, await RequestAsync(address));

    [Fact]
    public async Task A_link_ends_by_age_by_the_next_mail_and_by_another_address()
    {
        await RequestAsync(Fbl);
        string first = await _stage.LastTokenAsync(Fbl);
        _stage.Time.Advance(FeedbackAddressStore.Pause);
        Assert.Equal(FeedbackRequestResult.Sent, await _stage.Addresses.ResendAsync(_claim, CancellationToken.None));
        string second = await _stage.LastTokenAsync(Fbl);
        Assert.Null(await _stage.Addresses.ConfirmAsync(first, CancellationToken.None));
        _stage.Time.Advance(FeedbackAddressStore.Pause);
        await RequestAsync("other@news.example");
        Assert.Null(await _stage.Addresses.ConfirmAsync(second, CancellationToken.None));
        string third = await _stage.LastTokenAsync("other@news.example");
        _stage.Time.Advance(FeedbackAddressStore.LinkLifetime);
        Assert.Null(await _stage.Addresses.ConfirmAsync(third, CancellationToken.None));
    }

    [Fact]
    public async Task Mails_are_limited_per_claim_and_per_mailbox_over_all_claims()
    {
        Assert.Equal(FeedbackRequestResult.Sent, await RequestAsync(Fbl));
        Assert.Equal(FeedbackRequestResult.TooManyOfClaim, await _stage.Addresses.ResendAsync(_claim, CancellationToken.None)); // within the pause
        for (var i = 1; i < FeedbackAddressStore.MostPerMailbox; i++)
        {
            _stage.Time.Advance(FeedbackAddressStore.Pause);
            Assert.Equal(FeedbackRequestResult.Sent, await _stage.Addresses.ResendAsync(_claim, CancellationToken.None));
        }

        Guid bob = await _stage.UserAsync("bob@other.example"), other = await _stage.ProveAsync(bob, "shop.example");
        Assert.Equal(FeedbackRequestResult.TooManyToMailbox, await _stage.Addresses.RequestAsync(other, bob, "FBL+x@news.example", CancellationToken.None));
        for (int i = FeedbackAddressStore.MostPerMailbox; i < FeedbackAddressStore.MostPerClaim; i++)
        {
            _stage.Time.Advance(FeedbackAddressStore.Pause);
            Assert.Equal(FeedbackRequestResult.Sent, await RequestAsync($"a{i}@news.example"));
        }

        _stage.Time.Advance(FeedbackAddressStore.Pause);
        Assert.Equal(FeedbackRequestResult.TooManyOfClaim, await RequestAsync("one-more@news.example"));
        _stage.Time.Advance(FeedbackAddressStore.Window);
        Assert.Equal(FeedbackRequestResult.Sent, await RequestAsync(Fbl));
    }

    [Fact]
    public async Task This_was_not_me_ends_the_request_and_forbids_the_next()
    {
        await RequestAsync(Fbl);
        Assert.NotNull(await _stage.Addresses.DeclineAsync(await _stage.LastTokenAsync(Fbl), CancellationToken.None));
        Assert.Null(await _stage.Get<FeedbackAddressQueries>().FindAsync(_claim, CancellationToken.None));
        _stage.Time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(FeedbackRequestResult.Declined, await RequestAsync(Fbl));
        _stage.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(FeedbackRequestResult.Sent, await RequestAsync(Fbl));
    }

    [Fact]
    public async Task Nothing_is_sent_for_a_domain_that_is_not_proved()
    {
        Guid pending = await _stage.AddAsync(_ann, "pending.example");
        Assert.Equal(FeedbackRequestResult.NotInForce, await _stage.Addresses.RequestAsync(pending, _ann, Fbl, CancellationToken.None));
        Assert.Empty(await _stage.MailsAsync(Fbl));
    }

    [Theory]
    [InlineData("change")]
    [InlineData("remove")]
    [InlineData("claim")]
    [InlineData("suspend")]
    public async Task An_address_that_ends_takes_its_waiting_reports_along(string end)
    {
        Guid mine = await ConfirmedAsync(_claim, Fbl), bob = await _stage.UserAsync("bob@other.example"), other = await _stage.ProveAsync(bob, "shop.example");
        Guid theirs = await ConfirmedAsync(other, Fbl);
        Guid alone = await QueueAsync(OutboxState.Queued, mine), shared = await QueueAsync(OutboxState.Queued, mine, theirs), sent = await QueueAsync(OutboxState.Sent, mine);
        switch (end)
        {
            case "change":
                _stage.Time.Advance(FeedbackAddressStore.Pause);
                Assert.Equal(FeedbackRequestResult.Sent, await RequestAsync("new@news.example"));
                break;
            case "remove":
                Assert.True(await _stage.Addresses.RemoveAsync(_claim, Guid.NewGuid(), CancellationToken.None));
                break;
            case "claim":
                Assert.True(await _stage.Claims.RemoveAsync(_claim, Guid.NewGuid(), CancellationToken.None));
                break;
            default:
                await _stage.UnpublishAsync(_claim);
                await _stage.AfterAsync(TimeSpan.FromHours(6), _claim);
                Assert.Equal(ClaimState.Suspended, await _stage.AfterAsync(TimeSpan.FromDays(7), _claim));
                break;
        }

        Assert.Equal(OutboxState.Cancelled, await StateAsync(alone));
        Assert.Equal(OutboxState.Queued, await StateAsync(shared)); // another account's report in the same mail
        Assert.Equal(OutboxState.Sent, await StateAsync(sent));
    }

    private Task<FeedbackRequestResult> RequestAsync(string address) => _stage.Addresses.RequestAsync(_claim, _ann, address, CancellationToken.None);

    private async Task<Guid> ConfirmedAsync(Guid claim, string address)
    {
        Guid owner = (await _stage.ClaimAsync(claim)).OwnerId;
        Assert.Equal(FeedbackRequestResult.Sent, await _stage.Addresses.RequestAsync(claim, owner, address, CancellationToken.None));
        Assert.NotNull(await _stage.Addresses.ConfirmAsync(await _stage.LastTokenAsync(address), CancellationToken.None));
        await using PostmasterDb db = await _stage.DbAsync();
        return await db.FeedbackAddresses.Where(a => a.ClaimId == claim && a.EndedAt == null).Select(a => a.Id).SingleAsync();
    }

    /// <summary>A report in the outbox that tells of one complaint an address.</summary>
    private async Task<Guid> QueueAsync(OutboxState state, params Guid[] addresses)
    {
        DateTimeOffset now = _stage.Time.GetUtcNow();
        await using PostmasterDb db = await _stage.DbAsync();
        var kept = new KeptComplaint { Id = Guid.NewGuid(), Door = IntakeDoor.Http, Press = Press.Spam, ReceivedAt = now, PressedAt = now, Size = 1, DueAt = now };
        var mail = new OutboxMessage
        {
            Kind = OutboxKind.FeedbackReport, To = Fbl, KeptId = kept.Id, MessageId = $"{Guid.NewGuid():N}@x", BounceToken = $"{Guid.NewGuid():N}", CreatedAt = now, DueAt = now, State = state,
        };
        db.AddRange(kept, mail);
        foreach ((Guid address, int i) in addresses.Select((a, i) => (a, i)))
        {
            var complaint = new Complaint { KeptId = kept.Id, Domain = $"d{i}.example", SigningDomain = $"d{i}.example", PressedAt = now, Evidence = Evidence.VerifiedNow };
            db.AddRange(complaint, new ReportDelivery { ComplaintId = complaint.Id, OutboxId = mail.Id, FeedbackAddressId = address });
        }

        await db.SaveChangesAsync();
        return mail.Id;
    }

    private async Task<OutboxState> StateAsync(Guid mail)
    {
        await using PostmasterDb db = await _stage.DbAsync();
        return await db.Outbox.Where(m => m.Id == mail).Select(m => m.State).SingleAsync();
    }
}
