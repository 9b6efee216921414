using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Smtp;

public sealed class SmtpClientTests
{
    [Fact]
    public async Task A_message_goes_to_all_recipients_in_one_transaction()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("Subject: x\n\n.dot\r\nend", "one@b.test", "two@b.test"));

        Assert.True(result.AllAccepted);
        Assert.Equal("250 2.0.0 taken", result.Recipients[1].Reason);
        var message = Assert.Single(peer.Messages);
        Assert.Equal("MAIL FROM:<fbl@a.test> SIZE=25", message.MailFrom);
        Assert.Equal("RCPT TO:<one@b.test>|RCPT TO:<two@b.test>", string.Join('|', message.Recipients));
        Assert.Equal("Subject: x\r\n\r\n.dot\r\nend\r\n", Encoding.Latin1.GetString(message.Data));
        Assert.Equal("EHLO me.test|MAIL FROM:<fbl@a.test> SIZE=25|RCPT TO:<one@b.test>|RCPT TO:<two@b.test>|DATA|QUIT", string.Join('|', peer.Lines));
        Assert.Empty(peer.Failures);
    }

    [Theory]
    [InlineData("", "554 5.7.1 go away", SmtpOutcome.TemporaryFailure, SmtpProblem.GreetingRefused)] // speaks of us, not of the message
    [InlineData("", "421 4.3.2 stopping", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)]
    [InlineData("EHLO", "450 later", SmtpOutcome.TemporaryFailure, SmtpProblem.HelloRefused)]
    [InlineData("MAIL", "450 4.1.8 later", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)]
    [InlineData("MAIL", "550 5.1.8 never", SmtpOutcome.PermanentFailure, SmtpProblem.Refused)]
    [InlineData("MAIL", "552 5.3.4 too big", SmtpOutcome.PermanentFailure, SmtpProblem.Refused)]
    [InlineData("MAIL", "530 5.7.0 log in", SmtpOutcome.TemporaryFailure, SmtpProblem.AuthenticationRequired)] // our settings
    [InlineData("RCPT", "450 4.2.1 busy", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)]
    [InlineData("RCPT", "550 5.1.1 unknown", SmtpOutcome.PermanentFailure, SmtpProblem.Refused)]
    [InlineData("RCPT", "552 too many", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)] // RFC 5321 §4.5.3.1.10
    [InlineData("RCPT", "421 4.3.2 stopping", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)]
    [InlineData("RCPT", "334 what?", SmtpOutcome.TemporaryFailure, SmtpProblem.MalformedReply)]
    [InlineData("DATA", "451 4.3.0 later", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)]
    [InlineData("DATA", "554 5.5.1 no", SmtpOutcome.PermanentFailure, SmtpProblem.Refused)]
    [InlineData("DATA", "250 what?", SmtpOutcome.TemporaryFailure, SmtpProblem.MalformedReply)]
    [InlineData(".", "452 4.3.1 disk full", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)]
    [InlineData(".", "554 5.7.1 spam", SmtpOutcome.PermanentFailure, SmtpProblem.Refused)]
    [InlineData(".", "421 4.3.2 stopping", SmtpOutcome.TemporaryFailure, SmtpProblem.Refused)]
    public async Task Every_class_of_reply_in_every_phase_has_its_outcome(string command, string reply, SmtpOutcome outcome, string problem)
    {
        await using var peer = ScriptedSmtpPeer.Accepting(line => (command.Length == 0 ? line.Length == 0 : line.StartsWith(command, StringComparison.Ordinal)) ? reply + "\r\n" : null);
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "one@b.test", "two@b.test"));
        foreach (var recipient in result.Recipients)
        {
            Assert.Equal((outcome, problem), (recipient.Outcome, recipient.Problem));
            Assert.Contains(reply, recipient.Reason, StringComparison.Ordinal);
            Assert.Equal(reply, recipient.Reply?.ToString());
        }

        Assert.False(result.MayHaveBeenDelivered);
        Assert.Empty(peer.Messages);
    }

    [Fact]
    public async Task A_peer_that_tells_of_delivery_is_told_the_recipient_that_was_written()
    {
        await using var peer = Offering("DSN");
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "one+two=x@b.test", "three@b.test"));
        Assert.True(result.AllAccepted);
        Assert.Equal( // RFC 3461 §4: xtext
            "RCPT TO:<one+two=x@b.test> ORCPT=rfc822;one+2Btwo+3Dx@b.test|RCPT TO:<three@b.test> ORCPT=rfc822;three@b.test", string.Join('|', Assert.Single(peer.Messages).Recipients));
    }

    [Fact]
    public async Task Each_recipient_has_its_own_outcome()
    {
        await using var peer = ScriptedSmtpPeer.Accepting(line =>
            line.Contains("gone", StringComparison.Ordinal) ? "550-5.1.1 no such\r\n550 5.1.1 user\r\n" : line.Contains("busy", StringComparison.Ordinal) ? "450 4.2.1 busy\r\n" : null);
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "gone@b.test", "here@b.test", "busy@b.test"));
        Assert.Equal(
            "PermanentFailure: 550 5.1.1 no such user|Accepted: 250 2.0.0 taken|TemporaryFailure: 450 4.2.1 busy",
            string.Join('|', result.Recipients.Select(r => $"{r.Outcome}: {r.Reason}")));
        Assert.Equal("RCPT TO:<here@b.test>", Assert.Single(Assert.Single(peer.Messages).Recipients));
    }

    [Fact]
    public async Task Commands_are_pipelined_when_the_peer_offers_it()
    {
        // Answers only after DATA has come: without pipelining both sides would wait for ever.
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.SendAsync("220 x\r\n");
            await c.ExpectAsync("EHLO", "250-x\r\n250 PIPELINING\r\n");
            await c.ExpectAsync("MAIL FROM:<fbl@a.test>");
            await c.ExpectAsync("RCPT TO:<one@b.test>");
            await c.ExpectAsync("DATA");
            await c.SendAsync("250 ok\r\n250 ok\r\n354 go\r\n");
            await c.ReadDataAsync();
            await c.SendAsync("250 ok\r\n");
        });
        Assert.True((await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "one@b.test"))).AllAccepted);
        Assert.Empty(peer.Failures);
    }

    [Fact]
    public async Task A_peer_that_takes_DATA_for_nobody_is_given_an_empty_message()
    {
        byte[]? data = null;
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.SendAsync("220 x\r\n");
            await c.ExpectAsync("EHLO", "250-x\r\n250 PIPELINING\r\n");
            await c.ExpectAsync("MAIL", "250 ok\r\n");
            await c.ExpectAsync("RCPT", "550 5.1.1 no\r\n");
            await c.ExpectAsync("DATA", "354 go\r\n"); // RFC 2920 §3.1
            data = await c.ReadDataAsync();
            await c.SendAsync("250 taken for nobody\r\n");
            await c.ExpectAsync("QUIT", "221 bye\r\n");
        });
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("secret", "one@b.test"));
        Assert.Equal(SmtpOutcome.PermanentFailure, Assert.Single(result.Recipients).Outcome);
        Assert.Empty(data!);
        Assert.Empty(peer.Failures);
    }

    [Fact]
    public async Task Many_recipients_are_pipelined_in_groups()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("x", [.. Enumerable.Range(0, 333).Select(i => $"u{i}@b.test")]));
        Assert.True(result.AllAccepted);
        Assert.Equal(333, Assert.Single(peer.Messages).Recipients.Count);
    }

    [Fact]
    public async Task A_peer_without_EHLO_is_greeted_by_HELO_and_sent_no_extension()
    {
        await using var peer = ScriptedSmtpPeer.Accepting(line => line.StartsWith("EHLO", StringComparison.Ordinal) ? "502 5.5.1 what?\r\n" : null);
        Assert.True((await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "one@b.test"))).AllAccepted);
        Assert.Equal("EHLO me.test|HELO me.test|MAIL FROM:<fbl@a.test>|RCPT TO:<one@b.test>|DATA|QUIT", string.Join('|', peer.Lines));
    }

    [Fact]
    public async Task The_null_reverse_path_is_written_as_such()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        await SmtpSending.SendAsync(peer, SmtpSending.Message("x", "one@b.test") with { ReversePath = null });
        Assert.Equal("MAIL FROM:<> SIZE=3", Assert.Single(peer.Messages).MailFrom);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Replies_may_come_in_pieces_of_any_size(int octets)
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        await using var client = new SmtpClient(
            async ct => new TrickleStream(await SmtpSending.Connector(peer).ConnectAsync(ct), octets), SmtpSending.Options, TimeProvider.System);
        Assert.True((await client.SendAsync(SmtpSending.Message("x", "one@b.test"), default)).AllAccepted);
    }

    [Fact]
    public async Task A_message_larger_than_the_peer_takes_is_not_sent()
    {
        await using var peer = Offering("SIZE 10");
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message("123456789", "one@b.test"));
        Assert.Equal((SmtpOutcome.PermanentFailure, SmtpProblem.MessageTooLarge), (result.Recipients[0].Outcome, result.Recipients[0].Problem));
        Assert.Equal("EHLO me.test|QUIT", string.Join('|', peer.Lines));
    }

    [Fact]
    public async Task Eight_bit_content_is_declared()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        await SmtpSending.SendAsync(peer, SmtpSending.Message("\u00e4", "one@b.test"));
        Assert.Equal("MAIL FROM:<fbl@a.test> SIZE=3 BODY=8BITMIME", Assert.Single(peer.Messages).MailFrom);
    }

    [Fact]
    public async Task Eight_bit_content_needs_a_peer_that_takes_it()
    {
        await using var peer = Offering("PIPELINING");
        var message = SmtpSending.Message("\u00e4", "one@b.test");
        var result = await SmtpSending.SendAsync(peer, message);
        Assert.Equal((SmtpOutcome.PermanentFailure, "peer-lacks-8bitmime"), (result.Recipients[0].Outcome, result.Recipients[0].Problem));

        Assert.True((await SmtpSending.SendAsync(peer, message with { SevenBitContent = "=E4"u8.ToArray() })).AllAccepted);
        Assert.Equal("=E4\r\n", Encoding.Latin1.GetString(Assert.Single(peer.Messages).Data));
    }

    [Fact]
    public async Task An_address_that_needs_SMTPUTF8_is_sent_only_to_a_peer_that_knows_it()
    {
        var message = SmtpSending.Message("x", "j\u00fcrgen@b.test", "one@b\u00fccher.test");
        await using var without = Offering("PIPELINING");
        var result = await SmtpSending.SendAsync(without, message);
        Assert.Equal(SmtpProblem.PeerLacksSmtpUtf8, result.Recipients[0].Problem);
        Assert.Equal(SmtpOutcome.Accepted, result.Recipients[1].Outcome);
        Assert.Equal("RCPT TO:<one@xn--bcher-kva.test>", Assert.Single(Assert.Single(without.Messages).Recipients));

        await using var with = Offering("SMTPUTF8");
        Assert.True((await SmtpSending.SendAsync(with, message)).AllAccepted);
        Assert.Equal("MAIL FROM:<fbl@a.test> SMTPUTF8", Assert.Single(with.Messages).MailFrom);
        Assert.Equal("RCPT TO:<j\u00fcrgen@b.test>", Assert.Single(with.Messages).Recipients[0]);
    }

    [Fact]
    public async Task A_large_message_arrives_whole()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => i % 3 == 0 ? $".{i}\r\n" : $"{i}\n"));
        Assert.True((await SmtpSending.SendAsync(peer, SmtpSending.Message(text, "one@b.test"))).AllAccepted);
        Assert.Equal(text.ReplaceLineEndings("\r\n"), Encoding.Latin1.GetString(Assert.Single(peer.Messages).Data));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\r\nRSET")]
    [InlineData("")]
    public void An_EHLO_name_that_is_none_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new SmtpClient(_ => default, new SmtpClientOptions { HelloName = name }, TimeProvider.System));

    [Fact]
    public async Task Several_messages_use_one_connection()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        await using (var client = SmtpSending.Client(peer))
        {
            for (var i = 0; i < 3; i++)
                Assert.True((await client.SendAsync(SmtpSending.Message("x", "one@b.test"), default)).AllAccepted);
        }

        Assert.Equal(1, peer.Connections);
        Assert.Equal(3, peer.Messages.Count);
        Assert.Equal((2, 1), (peer.Lines.Count(l => l is "RSET"), peer.Lines.Count(l => l is "QUIT")));
    }

    [Fact]
    public async Task A_kept_connection_that_the_peer_has_closed_is_replaced()
    {
        await using var peer = ScriptedSmtpPeer.Accepting(line => line is "RSET" ? "421 4.4.2 too late\r\n" : null);
        await using var client = SmtpSending.Client(peer);
        Assert.True((await client.SendAsync(SmtpSending.Message("x", "one@b.test"), default)).AllAccepted);
        Assert.True((await client.SendAsync(SmtpSending.Message("x", "one@b.test"), default)).AllAccepted);
        Assert.Equal(2, peer.Connections);
    }

    [Fact]
    public async Task A_connection_serves_only_so_many_messages()
    {
        await using var peer = ScriptedSmtpPeer.Accepting();
        await using var client = SmtpSending.Client(peer, SmtpSending.Options with { MaxMessagesPerConnection = 2 });
        for (var i = 0; i < 5; i++)
            await client.SendAsync(SmtpSending.Message("x", "one@b.test"), default);
        Assert.Equal((3, 5), (peer.Connections, peer.Messages.Count));
    }

    [Fact]
    public async Task A_connection_idle_for_too_long_is_closed()
    {
        var time = new ManualTime();
        await using var peer = ScriptedSmtpPeer.Accepting();
        await using var client = new SmtpClient(SmtpSending.Connector(peer).ConnectAsync, SmtpSending.Options with { IdleLimit = TimeSpan.FromSeconds(30) }, time);
        await client.SendAsync(SmtpSending.Message("x", "one@b.test"), default);
        time.Advance(TimeSpan.FromSeconds(31));
        await client.SendAsync(SmtpSending.Message("x", "one@b.test"), default);
        Assert.Equal(2, peer.Connections);
    }

    private static ScriptedSmtpPeer Offering(string extension) =>
        ScriptedSmtpPeer.Accepting(line => line.StartsWith("EHLO", StringComparison.Ordinal) ? $"250-relay.test\r\n250 {extension}\r\n" : null);
}
