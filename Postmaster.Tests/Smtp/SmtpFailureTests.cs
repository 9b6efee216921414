using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Smtp;

public sealed class SmtpFailureTests
{
    // Only for peers that are silent on purpose: whichever phase runs out first, it is a time-out.
    private static readonly SmtpClientOptions Impatient = SmtpSending.Options with { Timeouts = SmtpTimeouts.Standard.Scaled(0.002) };

    [Fact]
    public async Task A_connection_lost_before_the_final_dot_is_to_be_tried_again()
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.SendAsync("220 x\r\n");
            await c.ExpectAsync("EHLO", "250 x\r\n");
            await c.ExpectAsync("MAIL", "250 ok\r\n");
        });
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message());
        AssertFailed(SmtpProblem.ConnectionLost, result);
        Assert.False(result.MayHaveBeenDelivered);
    }

    [Fact]
    public async Task A_connection_lost_after_the_final_dot_may_have_delivered()
    {
        await using var peer = new ScriptedSmtpPeer(c => TakeDataAsync(c, "550 5.1.1 gone\r\n"));
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "one@b.test", "gone@b.test"));
        Assert.True(result.MayHaveBeenDelivered);
        Assert.Equal((SmtpOutcome.TemporaryFailure, SmtpProblem.LostAfterData), (result.Recipients[0].Outcome, result.Recipients[0].Problem));
        Assert.Equal(SmtpOutcome.PermanentFailure, result.Recipients[1].Outcome); // was decided before
    }

    [Fact]
    public async Task Silence_after_the_final_dot_may_have_delivered()
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await TakeDataAsync(c, "250 ok\r\n");
            await Task.Delay(Timeout.Infinite, c.Disposed);
        });
        var impatientAtTheEnd = SmtpSending.Options with { Timeouts = new SmtpTimeouts { DataTermination = TimeSpan.FromMilliseconds(200) } };
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "one@b.test", "two@b.test"), impatientAtTheEnd);
        Assert.True(result.MayHaveBeenDelivered);
        Assert.All(result.Recipients, r => Assert.Equal((SmtpOutcome.TemporaryFailure, SmtpProblem.LostAfterData), (r.Outcome, r.Problem)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("220 x\r\n")]
    [InlineData("220-x\r\n220-")]
    public async Task A_silent_peer_is_a_time_out(string before)
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.SendAsync(before);
            await Task.Delay(Timeout.Infinite, c.Disposed);
        });
        AssertFailed(SmtpProblem.TimedOut, await SmtpSending.SendAsync(peer, SmtpSending.Message(), Impatient));
    }

    [Fact]
    public async Task A_reply_that_trickles_in_for_ever_is_a_time_out()
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            while (!c.Disposed.IsCancellationRequested)
            {
                await c.SendAsync("2");
                await Task.Delay(100, c.Disposed);
            }
        });
        AssertFailed(SmtpProblem.TimedOut, await SmtpSending.SendAsync(peer, SmtpSending.Message(), Impatient));
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("22\r\n")]
    [InlineData("\r\n")]
    [InlineData("220x\r\n")]
    [InlineData("620 x\r\n")]
    [InlineData("220-x\r\n221 x\r\n")] // two codes in one reply
    public async Task What_is_no_reply_ends_the_connection(string greeting)
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.SendAsync(greeting);
            await c.ReadLineAsync();
        });
        AssertFailed(SmtpProblem.MalformedReply, await SmtpSending.SendAsync(peer, SmtpSending.Message()));
    }

    [Theory]
    [InlineData("220-x\r\n")]
    [InlineData("xxxxxxxxxxxxxxxx")]
    public async Task An_endless_reply_ends_the_connection(string piece)
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            while (!c.Disposed.IsCancellationRequested)
                await c.SendAsync("220-" + piece);
        });
        AssertFailed(SmtpProblem.MalformedReply, await SmtpSending.SendAsync(peer, SmtpSending.Message()));
    }

    [Fact]
    public async Task A_refused_connection_is_temporary()
    {
        await using var client = new SmtpClient(new SmtpTcpConnector("127.0.0.1", FreePorts.Next(), TimeProvider.System).ConnectAsync, SmtpSending.Options, TimeProvider.System);
        AssertFailed(SmtpProblem.ConnectFailed, await client.SendAsync(SmtpSending.Message(), default));
    }

    [Fact]
    public async Task A_name_without_address_is_temporary()
    {
        await using var client = new SmtpClient(
            new SmtpTcpConnector("relay.test", 25, TimeProvider.System) { Resolve = (_, _) => ValueTask.FromResult<IReadOnlyList<IPAddress>>([]) }.ConnectAsync,
            SmtpSending.Options, TimeProvider.System);
        AssertFailed(SmtpProblem.DnsFailure, await client.SendAsync(SmtpSending.Message(), default));

        await using var system = new SmtpClient(_ => throw new SocketException((int)SocketError.HostNotFound), SmtpSending.Options, TimeProvider.System);
        AssertFailed(SmtpProblem.DnsFailure, await system.SendAsync(SmtpSending.Message(), default));
    }

    [Fact]
    public async Task Addresses_are_tried_in_turn()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        var connector = new SmtpTcpConnector("relay.test", peer.Port, TimeProvider.System)
        {
            Resolve = (_, _) => ValueTask.FromResult<IReadOnlyList<IPAddress>>([IPAddress.Parse("127.0.0.99"), IPAddress.Loopback]), // nobody listens on the first
        };
        await using var client = new SmtpClient(connector.ConnectAsync, SmtpSending.Options, TimeProvider.System);
        Assert.True((await client.SendAsync(SmtpSending.Message(), default)).AllAccepted);
    }

    [Fact]
    public async Task A_forbidden_address_is_not_connected_to()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        var connector = new SmtpTcpConnector("127.0.0.1", peer.Port, TimeProvider.System) { Allow = address => !IPAddress.IsLoopback(address) };
        await using var client = new SmtpClient(connector.ConnectAsync, SmtpSending.Options, TimeProvider.System);
        AssertFailed(SmtpProblem.ConnectRefusedByPolicy, await client.SendAsync(SmtpSending.Message(), default));
        Assert.Equal(0, peer.Connections);
    }

    [Fact]
    public async Task A_connector_that_hangs_is_a_time_out()
    {
        var time = new ManualTime();
        await using var client = new SmtpClient(
            async ct =>
            {
                await Task.Delay(Timeout.Infinite, ct);
                return Stream.Null;
            }, SmtpSending.Options, time);
        var sending = client.SendAsync(SmtpSending.Message(), default);
        Assert.False(sending.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(2));
        AssertFailed(SmtpProblem.TimedOut, await sending);
    }

    [Fact]
    public async Task Cancellation_is_the_only_exception()
    {
        await using var peer = new ScriptedSmtpPeer(c => Task.Delay(Timeout.Infinite, c.Disposed));
        await using var client = SmtpSending.Client(peer);
        using var cancel = new CancellationTokenSource();
        var sending = client.SendAsync(SmtpSending.Message(), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_peer_that_refuses_in_the_middle_of_the_data_is_heard_or_tried_again()
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.SendAsync("220 x\r\n");
            await c.ExpectAsync("EHLO", "250 x\r\n");
            await c.ExpectAsync("MAIL", "250 ok\r\n");
            await c.ExpectAsync("RCPT", "250 ok\r\n");
            await c.ExpectAsync("DATA", "354 go\r\n");
            await c.SendAsync("552 5.3.4 enough\r\n");
        });
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message(new string('x', 8_000_000), "one@b.test"));
        // Whether the reply outruns the reset is the network's choice; it is never taken for a delivery.
        var recipient = Assert.Single(result.Recipients);
        Assert.True(recipient.Problem is SmtpProblem.Refused or SmtpProblem.ConnectionLost);
        Assert.False(result.MayHaveBeenDelivered);
    }

    private static async Task TakeDataAsync(ScriptedSmtpConversation c, string secondRecipient)
    {
        await c.SendAsync("220 x\r\n");
        await c.ExpectAsync("EHLO", "250 x\r\n");
        await c.ExpectAsync("MAIL", "250 ok\r\n");
        await c.ExpectAsync("RCPT", "250 ok\r\n");
        await c.ExpectAsync("RCPT", secondRecipient);
        await c.ExpectAsync("DATA", "354 go\r\n");
        await c.ReadDataAsync();
    }

    private static void AssertFailed(string problem, SmtpSendResult result)
    {
        var recipient = Assert.Single(result.Recipients);
        Assert.Equal((SmtpOutcome.TemporaryFailure, problem), (recipient.Outcome, recipient.Problem));
        Assert.True(recipient.Reason.Length > 0);
    }
}
