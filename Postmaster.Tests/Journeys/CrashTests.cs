using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Journeys;

/// <summary>
/// The process is killed (SIGKILL) at each step of the pipeline and started again. The promise: what was acknowledged is counted exactly once,
/// and its report leaves at least once, always with the same Message-ID.
/// </summary>
public sealed class CrashTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Killed_before_the_end_of_the_mail_nothing_is_kept_and_the_mail_server_sends_it_again()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        await using RealPortal portal = await RealPortal.CreateAsync(relay.Port);
        byte[] mail = RealPortal.ComplaintMail(portal.OwnersMail("m1"), vouched: true);
        await using (ServerProcess first = await portal.StartServerAsync())
            Assert.Null(await LmtpSender.SendAsync(portal.LmtpPort, mail, () => KillAsync(first)));
        await using ServerProcess second = await portal.StartServerAsync();
        await AssertNothingKeptAsync(portal);
        Assert.StartsWith("250", await LmtpSender.SendAsync(portal.LmtpPort, mail), StringComparison.Ordinal);
        await AssertOnceAsync(portal, relay, expectedCopies: 1);
    }

    [Theory]
    [InlineData("complaint arrived")] // before it is on the disk: not acknowledged, sent again by the mail server
    [InlineData("complaint kept")] // on the disk, perhaps not yet acknowledged
    [InlineData("complaint read")] // authenticated
    [InlineData("complaint holding")] // before that is written
    [InlineData("complaint held")] // in the undo window
    [InlineData("complaint counting")] // before the commit
    [InlineData("complaint counted")] // after the commit, the report is queued
    [InlineData("report leased")] // before the relay is asked
    [InlineData("report relayed")] // the relay has it, before that is written
    [InlineData("report sent")] // after that is written
    public async Task Killed_at_a_step_the_complaint_counts_once_and_is_reported(string step)
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        await using RealPortal portal = await RealPortal.CreateAsync(relay.Port, undoWindow: "00:00:01");
        byte[] mail = RealPortal.ComplaintMail(portal.OwnersMail("m1"), vouched: true);
        await using (ServerProcess first = await portal.StartServerAsync())
        {
            Task<string> reached = first.WaitForLineAsync(step, Patience);
            Task<string?> answered = LmtpSender.SendAsync(portal.LmtpPort, mail);
            await reached;
            first.Kill();
            await answered;
        }

        await portal.LetLeasesEndAsync();
        await using ServerProcess second = await portal.StartServerAsync();
        // The mail server cannot know: it sends again unless it was told 250. The portal recognises the press.
        Assert.StartsWith("250", await LmtpSender.SendAsync(portal.LmtpPort, mail), StringComparison.Ordinal);
        await AssertOnceAsync(portal, relay, expectedCopies: null);
    }

    [Fact]
    public async Task Killed_while_dns_is_asked_the_complaint_is_authenticated_after_the_start()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        await using RealPortal portal = await RealPortal.CreateAsync(relay.Port);
        portal.Dns.Reply(_ => []);
        byte[] mail = RealPortal.ComplaintMail(portal.OwnersMail("m1"), vouched: true);
        await using (ServerProcess first = await portal.StartServerAsync())
        {
            Assert.StartsWith("250", await LmtpSender.SendAsync(portal.LmtpPort, mail), StringComparison.Ordinal);
            await WaitAsync(() => portal.Dns.Questions.Count > 0);
            first.Kill();
        }

        portal.Dns.Script = null;
        // Nobody ends the dead process's lease here: it runs out by itself.
        await using ServerProcess second = await portal.StartServerAsync();
        await AssertOnceAsync(portal, relay, expectedCopies: 1);
    }

    [Fact]
    public async Task Killed_between_the_end_of_the_report_and_the_relay_s_answer_the_same_report_is_sent_again()
    {
        ServerProcess? first = null;
        int ends = 0;
        await using var relay = ScriptedSmtpPeer.Accepting(line =>
        {
            if (line is "." && Interlocked.Increment(ref ends) == 1)
                first!.Kill(); // the relay has the mail, and nobody hears its answer
            return null;
        });
        await using RealPortal portal = await RealPortal.CreateAsync(relay.Port);
        byte[] mail = RealPortal.ComplaintMail(portal.OwnersMail("m1"), vouched: true);
        await using (first = await portal.StartServerAsync())
        {
            await LmtpSender.SendAsync(portal.LmtpPort, mail);
            await first.WaitForExitAsync(Patience);
        }

        await portal.LetLeasesEndAsync();
        await using ServerProcess second = await portal.StartServerAsync();
        await AssertOnceAsync(portal, relay, expectedCopies: 2);
    }

    [Fact]
    public async Task Killed_again_and_again_under_load_nothing_is_lost_or_counted_twice()
    {
        const int mails = 40, kills = 4;
        await using var relay = ScriptedSmtpPeer.Accepting();
        await using RealPortal portal = await RealPortal.CreateAsync(relay.Port);
        byte[][] complaints = [.. Enumerable.Range(1, mails).Select(i => RealPortal.ComplaintMail(portal.OwnersMail($"m{i}"), vouched: true))];
        ServerProcess server = await portal.StartServerAsync();
        try
        {
            Task handingIn = Task.Run(() => HandInAllAsync(portal, complaints));
            for (int kill = 0; kill < kills; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(400 + (kill * 150)));
                await server.DisposeAsync();
                server = await portal.StartServerAsync();
            }

            await handingIn.WaitAsync(Patience);
            await portal.WaitUntilQuietAsync();
        }
        finally
        {
            await server.DisposeAsync();
        }

        Assert.Equal(mails, await portal.CountedAsync());
        Assert.Equal(mails, relay.Messages.Select(MessageIdOf).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(mails, relay.Messages.Select(SubjectOf).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>As a mail server: each mail again until it is acknowledged.</summary>
    private static async Task HandInAllAsync(RealPortal portal, byte[][] complaints)
    {
        foreach (byte[] complaint in complaints)
        {
            while (await LmtpSender.SendAsync(portal.LmtpPort, complaint) is not { } reply || !reply.StartsWith("250", StringComparison.Ordinal))
                await Task.Delay(100);
            await Task.Delay(40);
        }
    }

    private static async Task AssertOnceAsync(RealPortal portal, ScriptedSmtpPeer relay, int? expectedCopies)
    {
        await portal.WaitUntilQuietAsync();
        Assert.Equal(1, await portal.CountedAsync());
        await using PostmasterDb db = await portal.OpenDbAsync();
        Assert.Equal(1, await db.Complaints.CountAsync());
        Assert.Equal(OutboxState.Sent, (await db.Outbox.SingleAsync()).State);
        Assert.Single(relay.Messages.Select(MessageIdOf).Distinct(StringComparer.Ordinal));
        if (expectedCopies is { } copies)
            Assert.Equal(copies, relay.Messages.Count);
        else
            Assert.InRange(relay.Messages.Count, 1, 2);
    }

    private static async Task AssertNothingKeptAsync(RealPortal portal)
    {
        await using PostmasterDb db = await portal.OpenDbAsync();
        Assert.Equal(0, await db.KeptComplaints.CountAsync());
    }

    private static Task KillAsync(ServerProcess server)
    {
        server.Kill();
        return Task.CompletedTask;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(50, patience.Token);
    }

    private static string MessageIdOf(ReceivedMessage report) => MessageReader.Read(report.Data).Headers.First("Message-ID")!.Unfolded;

    private static string SubjectOf(ReceivedMessage report) => MessageReader.Read(report.Data).Headers.First("Subject")!.Unfolded;
}
