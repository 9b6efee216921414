using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Dns;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>A claim over time: pending, proved, warned, suspended and back.</summary>
public sealed class ClaimLifeTests : IAsyncLifetime
{
    private const string Mail = "ann@owner.example";
    private DomainsStage _stage = default!;
    private Guid _ann;

    public async Task InitializeAsync()
    {
        _stage = await DomainsStage.OpenAsync();
        _ann = await _stage.UserAsync(Mail);
    }

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Fact]
    public async Task A_record_that_appears_is_found_by_the_schedule_and_told_by_mail()
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        Assert.Equal(ClaimState.Pending, await _stage.AfterAsync(TimeSpan.FromMinutes(5), claim));
        Assert.Equal("NXDOMAIN from 192.0.2.53", (await _stage.ClaimAsync(claim)).LastAnswer);
        await _stage.PublishAsync(claim);
        Assert.Equal(ClaimState.Pending, await _stage.AfterAsync(TimeSpan.FromMinutes(4), claim)); // not due yet
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromMinutes(1), claim));
        Assert.Equal("news.example is proved", Assert.Single(await _stage.MailsAsync(Mail)).Subject);
    }

    [Fact]
    public async Task A_pending_claim_is_looked_at_less_often_and_after_a_month_only_by_button()
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        await _stage.AfterAsync(TimeSpan.FromMinutes(5), claim);
        Assert.Equal(TimeSpan.FromMinutes(5), await NextInAsync(claim));
        await _stage.AfterAsync(TimeSpan.FromDays(1), claim);
        Assert.Equal(TimeSpan.FromHours(1), await NextInAsync(claim));
        await _stage.AfterAsync(TimeSpan.FromDays(7), claim);
        Assert.Equal(TimeSpan.FromDays(1), await NextInAsync(claim));
        await _stage.AfterAsync(TimeSpan.FromDays(30), claim);
        Assert.Null((await _stage.ClaimAsync(claim)).NextCheckAt);
        await _stage.PublishAsync(claim);
        Assert.Equal(ClaimState.Pending, await _stage.AfterAsync(TimeSpan.FromDays(30), claim));
        Assert.True(await _stage.Checks.CheckNowAsync(claim, CancellationToken.None));
        Assert.Equal(ClaimState.Proved, (await _stage.ClaimAsync(claim)).State);
        Assert.Equal(TimeSpan.FromHours(6), await NextInAsync(claim));
    }

    [Fact]
    public async Task A_lost_record_means_warned_then_suspended_and_back_when_it_returns()
    {
        Guid claim = await _stage.ProveAsync(_ann, "news.example");
        await _stage.UnpublishAsync(claim);
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromHours(5), claim));
        Assert.Equal(ClaimState.Warned, await _stage.AfterAsync(TimeSpan.FromHours(1), claim));
        Assert.Equal(TimeSpan.FromHours(1), await NextInAsync(claim));
        for (var hour = 1; hour < 7 * 24; hour++)
            Assert.Equal(ClaimState.Warned, await _stage.AfterAsync(TimeSpan.FromHours(1), claim));
        Assert.Equal(ClaimState.Suspended, await _stage.AfterAsync(TimeSpan.FromHours(1), claim));
        await _stage.PublishAsync(claim);
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromHours(6), claim));
        Assert.Null((await _stage.ClaimAsync(claim)).LostAt);
        string[] expected = ["The TXT record of news.example is gone", "news.example is suspended", "news.example is proved again"];
        Assert.Equal(expected, (await _stage.MailsAsync(Mail)).Select(m => m.Subject), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_record_that_returns_within_the_grace_period_changes_nothing_but_the_mails()
    {
        Guid claim = await _stage.ProveAsync(_ann, "news.example");
        await _stage.UnpublishAsync(claim);
        Assert.Equal(ClaimState.Warned, await _stage.AfterAsync(TimeSpan.FromHours(6), claim));
        Assert.True((await _stage.ClaimAsync(claim)).IsInForce);
        await _stage.PublishAsync(claim);
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromHours(1), claim));
        Assert.Equal(2, (await _stage.MailsAsync(Mail)).Count);
    }

    [Theory]
    [InlineData(DnsStatus.ServFail)]
    [InlineData(DnsStatus.Timeout)]
    public async Task Dns_that_does_not_answer_is_not_held_against_the_owner(DnsStatus failure)
    {
        Guid claim = await _stage.ProveAsync(_ann, "news.example");
        _stage.Zone.Fail("_postmaster-challenge.news.example", failure);
        for (var day = 0; day < 20; day++)
            Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromDays(1), claim));
        Assert.Equal(TimeSpan.FromHours(1), await NextInAsync(claim));
        Assert.Empty(await _stage.MailsAsync(Mail));
    }

    [Fact]
    public async Task A_second_look_at_the_same_moment_writes_and_mails_nothing()
    {
        Guid id = await _stage.ProveAsync(_ann, "news.example");
        DomainClaim looked = await _stage.ClaimAsync(id);
        var gone = new ClaimObservation(ClaimOutcome.Absent, "NXDOMAIN from 192.0.2.53");
        bool[] wrote = await Task.WhenAll(
            _stage.Claims.RecordAsync(looked, gone, byHand: false, CancellationToken.None),
            _stage.Claims.RecordAsync(looked, gone, byHand: false, CancellationToken.None));
        Assert.Equal(1, wrote.Count(w => w));
        Assert.Single(await _stage.MailsAsync(Mail));
    }

    [Fact]
    public async Task Two_processes_share_out_what_is_due()
    {
        for (var i = 0; i < 20; i++)
            await _stage.AddAsync(_ann, $"d{i}.example");
        _stage.Time.Advance(TimeSpan.FromHours(1));
        IReadOnlyList<DomainClaim>[] taken = await Task.WhenAll(
            Task.Run(() => _stage.Claims.TakeDueAsync(20, TimeSpan.FromMinutes(2), CancellationToken.None)),
            Task.Run(() => _stage.Claims.TakeDueAsync(20, TimeSpan.FromMinutes(2), CancellationToken.None)));
        Assert.Equal(20, taken.SelectMany(t => t).Select(c => c.Id).Distinct().Count());
        Assert.Equal(20, taken.Sum(t => t.Count));
    }

    [Fact]
    public async Task The_button_asks_past_the_cache_and_rests_between_two_presses()
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        Assert.True(await _stage.Checks.CheckNowAsync(claim, CancellationToken.None));
        DateTimeOffset? first = (await _stage.ClaimAsync(claim)).CheckRequestedAt;

        Task<bool> second = _stage.Checks.CheckNowAsync(claim, CancellationToken.None);
        while (!second.IsCompleted)
        {
            _stage.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20);
        }

        Assert.True(await second);
        Assert.True((await _stage.ClaimAsync(claim)).CheckRequestedAt - first >= ClaimStore.CheckPause);
    }

    [Fact]
    public async Task A_removed_claim_is_gone_at_once_and_the_name_gets_a_new_token_when_added_again()
    {
        Guid claim = await _stage.ProveAsync(_ann, "news.example");
        string token = (await _stage.ClaimAsync(claim)).Token;
        Assert.True(await _stage.Claims.RemoveAsync(claim, Guid.NewGuid(), CancellationToken.None));
        Assert.False(await _stage.Claims.RemoveAsync(claim, Guid.NewGuid(), CancellationToken.None));
        Assert.Null(await _stage.Get<DomainAccess>().FindAsync(DomainsStage.Principal(_ann), "news.example", CancellationToken.None));
        Assert.Empty(await _stage.Get<DomainQueries>().ListAsync(DomainsStage.Principal(_ann), CancellationToken.None));
        Guid again = await _stage.AddAsync(_ann, "news.example");
        Assert.NotEqual(token, (await _stage.ClaimAsync(again)).Token);
        Assert.True(await _stage.Checks.CheckNowAsync(again, CancellationToken.None));
        Assert.Equal(ClaimState.Pending, (await _stage.ClaimAsync(again)).State); // the old record proves nothing
        await using PostmasterDb db = await _stage.DbAsync();
        Assert.Equal(again, await db.Members.Select(m => m.ClaimId).SingleAsync());
    }

    private async Task<TimeSpan?> NextInAsync(Guid claim) => (await _stage.ClaimAsync(claim)).NextCheckAt - _stage.Time.GetUtcNow();
}
