using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Cfbl;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>The ways of the feedback loop in all their states, and the links that its mails hold.</summary>
internal sealed class FeedbackSeed(PostmasterApp app, PortalSeed seed)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly Dictionary<string, string> _tokens = new(StringComparer.Ordinal);

    /// <summary>By route with its {Token}: what stands in the place of it.</summary>
    public IReadOnlyDictionary<string, string> Tokens => _tokens;

    /// <summary>Webhooks that work, fail and were switched off, and what they answered.</summary>
    public async Task WebhooksAsync(DomainClaim claim, params Complaint[] complaints)
    {
        WebhookEndpoint works = await seed.WebhookAsync(claim, "https://hooks.news.example/complaints");
        WebhookEndpoint fails = await seed.WebhookAsync(claim, "https://unsubscriber.customers.a-rather-long-name.marketing.news.example/hooks/" + new string('w', 120), failingSince: seed.Now.AddHours(-7));
        await seed.WebhookAsync(claim, "https://old.news.example/in", WebhookState.Disabled, disabledWhy: "It answered 410 Gone, so nothing more is posted.");
        await seed.WebhookAsync(claim, "https://next.news.example/in", WebhookState.Waiting);
        WebhookDeliveryState[] states = Enum.GetValues<WebhookDeliveryState>();
        foreach ((int number, Complaint complaint) in complaints.Index())
        {
            await seed.PostedAsync(works, complaint, WebhookDeliveryState.Delivered);
            await seed.PostedAsync(fails, complaint, states[number % states.Length], 500, "<html>Internal Server Error: \u202Esomething" + new string('x', 200));
        }

        await seed.PostedAsync(works, complaint: null, WebhookDeliveryState.Delivered);
    }

    /// <summary>A digest that is sent, and the links of its mails; another whose link waits.</summary>
    public async Task DigestsAsync(DomainClaim claim, DomainClaim waiting)
    {
        await seed.DigestAsync(claim, "team@news.example", confirmed: true);
        await seed.DigestAsync(waiting, "postmaster-team-of-the-whole-group@a-rather-long-name.mail.busy.example", confirmed: false);
        await using PostmasterDb db = await app.OpenDbAsync();
        Guid sent = (await db.Digests.SingleAsync(d => d.ClaimId == claim.Id)).Id, asked = (await db.Digests.SingleAsync(d => d.ClaimId == waiting.Id)).Id;
        _tokens["/digest/leave/{Token}"] = await app.Services.GetRequiredService<DigestLeaving>().TokenAsync(sent, CancellationToken.None);
        await IssueAsync("/digest/{Token}", LinkPurpose.ConfirmDigest, asked);
    }

    /// <summary>A group with a member in each state, and the links that its mails hold.</summary>
    public async Task GroupAsync(DomainClaim claim)
    {
        var store = app.Services.GetRequiredService<GroupStore>();
        Assert.True(await store.CreateAsync(claim.Id, claim.OwnerId, CancellationToken.None));
        foreach (string name in (string[])["ann", "bob", "carol", "a-rather-long-name-of-somebody-in-the-team-for-complaints"])
            Assert.Equal(GroupInvite.Sent, await store.InviteAsync(claim.Id, claim.OwnerId, $"{name}@team.example", CancellationToken.None));
        await using PostmasterDb db = await app.OpenDbAsync();
        List<GroupMember> members = await db.GroupMembers.OrderBy(m => m.Id).ToListAsync();
        members[0].Confirm(seed.Now);
        members[1].Confirm(seed.Now);
        (members[1].PausedAt, members[1].PauseAnswer) = (seed.Now.AddHours(-3), "552 5.2.2 <bob@team.example>: mailbox is over its quota");
        members[2].Leave(seed.Now);
        await GroupStanding.FollowAsync(db, await db.FeedbackGroups.SingleAsync(), seed.Now, CancellationToken.None);
        await IssueAsync("/join-group/{Token}", LinkPurpose.JoinGroup, members[3].Id);
        _tokens["/leave-group/{Token}"] = LastOf(app.Services.GetRequiredService<LeaveTokens>().UrlOf(members[0]));
    }

    /// <summary>Addresses that mail named, in each state, and what they said in the mail of a complaint.</summary>
    public async Task InvitedAsync(Complaint complaint)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        var contacts = new List<CfblContact>();
        for (byte i = 0; i < 5; i++)
        {
            contacts.Add(new CfblContact
            {
                AddressKey = [i], Address = $"fbl-{i}@esp.example", Domain = "esp.example", FirstAt = seed.Now - (9 * Day), LastAt = seed.Now.AddHours(-i), Day = DateOnly.FromDateTime(seed.Now.UtcDateTime), OnDay = 3, Total = 40 + i,
                ConfirmedAt = i == 1 ? seed.Now - Day : null, RefusedAt = i == 2 ? seed.Now - Day : null, BlockedAt = i == 3 ? seed.Now - Day : null, PausedAt = i == 4 ? seed.Now - Day : null, PauseAnswer = i == 4 ? "550 5.1.1 no such user" : null,
            });
        }

        db.AddRange(contacts);
        foreach ((int number, string? address) in ((string?[])["fbl-0@esp.example", null]).Index())
        {
            db.Add(new CfblInvitation
            {
                KeptId = complaint.KeptId, Number = number, Source = CfblSource.Field, Address = address, AddressDomain = address is null ? "" : "esp.example", Qualifies = address is not null, Code = address is null ? "unsigned" : "ok",
                Reason = address is null ? "CFBL-Address is not among the fields that the signature of news.example covers (h=)." : "Signed by news.example and by esp.example.", Section = "RFC 9477 §3.1.2",
                Fate = address is null ? CfblFate.NotQualified : CfblFate.Queued,
            });
        }

        await db.SaveChangesAsync();
        _tokens["/cfbl/{Token}"] = await app.Services.GetRequiredService<CfblLinks>().TokenAsync(contacts[0].Id, CancellationToken.None);
    }

    /// <summary>The links of the other mails: to end reports, to agree to them, to choose a password.</summary>
    public async Task LinksAsync(DomainClaim unconfirmed, string owner, string reported)
    {
        _tokens["/stop-reports/{Token}"] = LastOf(await app.Services.GetRequiredService<LeaveLinks>().UrlAsync(reported, CancellationToken.None));
        await using PostmasterDb db = await app.OpenDbAsync();
        await IssueAsync("/feedback-address/{Token}", LinkPurpose.ConfirmFeedbackAddress, (await db.FeedbackAddresses.SingleAsync(a => a.ClaimId == unconfirmed.Id && a.EndedAt == null)).Id);
        await IssueAsync("/password/{Token}", LinkPurpose.ChoosePassword, (await app.EnsureUserAsync(owner)).Id);
        await IssueAsync("/setup/{Token}", LinkPurpose.OperatorSetup, Guid.Empty);
    }

    private async Task IssueAsync(string route, LinkPurpose purpose, Guid subject)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        _tokens[route] = app.Services.GetRequiredService<OneTimeLinks>().Issue(db, purpose, subject, Day);
        await db.SaveChangesAsync();
    }

    private static string LastOf(string url) => url[(url.LastIndexOf('/') + 1)..];
}
