using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Groups;

/// <summary>A portal with a proved domain, a group behind its feedback address, and a real SMTP server on loopback as its relay.</summary>
internal sealed class GroupKit : IAsyncDisposable
{
    public const string Owner = "owner@mail.example", Operator = "desk@provider.example", Domain = "owner.example";

    /// <summary>Answers to command lines; null takes everything.</summary>
    public Func<string, string?>? Answer { get; set; }

    public ScriptedSmtpPeer Relay { get; private set; } = default!;
    public PostmasterApp App { get; private set; } = default!;
    public SigningSender Sender { get; private set; } = default!;
    public DomainClaim Claim { get; private set; } = default!;
    public Guid OwnerId => Claim.OwnerId;
    public GroupStore Store => App.Services.GetRequiredService<GroupStore>();

    public static Task<GroupKit> StartAsync(params string[] members) => StartAsync([], members);

    public static async Task<GroupKit> StartAsync((string Key, string? Value)[] settings, params string[] members)
    {
        var kit = new GroupKit();
        kit.Relay = ScriptedSmtpPeer.Accepting(line => kit.Answer?.Invoke(line));
        kit.App = await PostmasterApp.StartAsync(PressKit.Settings([
            ("Relay:Kind", "smtp"), ("Relay:Host", ScriptedSmtpPeer.Host), ("Relay:Port", kit.Relay.Port.ToString(CultureInfo.InvariantCulture)), ("Relay:Tls", "None"),
            ("Relay:Connections", "1"), ("Provider:OperatorAddress", Operator), .. settings]));
        kit.Claim = await kit.App.ClaimAsync(Domain, Owner);
        kit.Sender = new SigningSender(kit.App.Zone, Domain);
        Assert.True(await kit.Store.CreateAsync(kit.Claim.Id, kit.OwnerId, CancellationToken.None));
        foreach (string member in members)
            await kit.JoinAsync(member);
        return kit;
    }

    /// <summary>Invites an address and agrees with the link in its mail.</summary>
    public async Task JoinAsync(string member)
    {
        string path = await InviteAsync(member);
        using PortalVisitor holder = App.NewVisitor();
        PortalPage joined = await holder.SubmitAsync(await holder.GetAsync(path), "form:has(input[value='agree'])");
        Assert.Equal("Reports will be sent here", joined.Heading);
        await WaitForAsync(() => MailsTo(member).Count > 1, "no welcome mail");
    }

    /// <returns>The path of the link in the mail.</returns>
    public async Task<string> InviteAsync(string member)
    {
        int before = MailsTo(member).Count;
        Assert.Equal(GroupInvite.Sent, await Store.InviteAsync(Claim.Id, OwnerId, member, CancellationToken.None));
        await WaitForAsync(() => MailsTo(member).Count > before, "no invitation");
        return PathIn(MailsTo(member)[^1], "/join-group/");
    }

    /// <summary>Has a member confirm its address again, as after a pause.</summary>
    public async Task ConfirmAgainAsync(string member)
    {
        App.Time.Advance(TimeSpan.FromMinutes(2));
        string path = await InviteAsync(member);
        using PortalVisitor holder = App.NewVisitor();
        await holder.SubmitAsync(await holder.GetAsync(path), "form:has(input[value='agree'])");
        Assert.Null((await MemberAsync(member)).PausedAt);
    }

    /// <summary>Complains, waits for the report, and has it come back to its envelope sender as the copy to one of its recipients did.</summary>
    public async Task<ReceivedMessage> ComeBackAsync(string name, string failed, Func<ReceivedMessage, bool>? copy = null)
    {
        int before = Reports().Count;
        await PressAsync(name);
        await WaitForAsync(() => Reports().Count > before, "no report");
        await ReportRowAsync(OutboxState.Sent);
        ReceivedMessage report = Reports().Skip(before).First(copy ?? (_ => true));
        string bounce = BounceSamples.Dsn(id: MessageId(report)).Replace(BounceSamples.Rcpt, failed, StringComparison.Ordinal);
        Assert.StartsWith("250", await App.DeliverAsync(EnvelopeSender(report), bounce), StringComparison.Ordinal);
        return report;
    }

    public async Task<FeedbackGroup> GroupAsync()
    {
        await using PostmasterDb db = await App.OpenDbAsync();
        return await db.FeedbackGroups.AsNoTracking().SingleAsync(g => g.ClaimId == Claim.Id);
    }

    public async Task PressUnattributedAsync(string name) => await App.InStateAsync(await App.PressAsync(Sender.Newsletter(name)), KeptState.Unattributed);

    public async Task PressAsync(string name) => await App.InStateAsync(await App.PressAsync(Sender.Newsletter(name)), KeptState.Counted);

    /// <summary>Transactions that carried a report, of all that the relay took.</summary>
    public List<ReceivedMessage> Reports() => [.. Relay.Messages.Where(m => MessageReader.Read(m.Data).Root.ContentType.Is("multipart", "report"))];

    public List<ReceivedMessage> MailsTo(string address) => [.. Relay.Messages.Where(m => m.Recipients.Any(r => r.Contains($"<{address}>", StringComparison.OrdinalIgnoreCase)))];

    public Task WaitForAsync(Func<bool> holds, string otherwise) => PressKit.EventuallyAsync(() =>
    {
        App.Wake();
        return Task.FromResult(holds());
    }, () => otherwise);

    public async Task<OutboxMessage> ReportRowAsync(OutboxState state)
    {
        await using PostmasterDb db = await App.OpenDbAsync();
        string address = await db.FeedbackAddresses.Where(a => a.IsGroup).OrderByDescending(a => a.RequestedAt).Select(a => a.Address).FirstAsync();
        return await App.MailInStateAsync(address, state);
    }

    public async Task<GroupMember> MemberAsync(string address)
    {
        await using PostmasterDb db = await App.OpenDbAsync();
        return await db.GroupMembers.AsNoTracking().OrderByDescending(m => m.InvitedAt).FirstAsync(m => m.Address == address);
    }

    public async Task<Dictionary<string, GroupDelivery>> DeliveriesAsync(Guid outboxId)
    {
        await using PostmasterDb db = await App.OpenDbAsync();
        return await (
            from delivery in db.GroupDeliveries.AsNoTracking()
            join member in db.GroupMembers.AsNoTracking() on delivery.MemberId equals member.Id
            where delivery.OutboxId == outboxId
            select new { member.Address, delivery }).ToDictionaryAsync(p => p.Address, p => p.delivery);
    }

    public static string EnvelopeSender(ReceivedMessage mail) => mail.MailFrom.Split('<', '>')[1];

    public static string MessageId(ReceivedMessage mail) => MessageReader.Read(mail.Data).Headers.First("Message-ID")!.Unfolded.Trim('<', '>');

    public static string Unsubscribe(ReceivedMessage mail) => MessageReader.Read(mail.Data).Headers.First("List-Unsubscribe")!.Unfolded;

    public static bool IsOneClick(ReceivedMessage mail) => MessageReader.Read(mail.Data).Headers.First("List-Unsubscribe-Post")?.Unfolded is "List-Unsubscribe=One-Click";

    /// <summary>The path of the first link of a plain mail that begins so.</summary>
    public static string PathIn(ReceivedMessage mail, string begins)
    {
        string text = Encoding.ASCII.GetString(mail.Data);
        int body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal), at = text.IndexOf(begins, body, StringComparison.Ordinal);
        return text[at..text.IndexOf("\r\n", at, StringComparison.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Relay.DisposeAsync();
    }
}
