using System.Text;
using Postmaster.Fbl.Milter;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Milter;

public sealed class MilterSessionTests
{
    private const string Known = "<user@provider.example>", Gone = "<gone@provider.example>";

    private static readonly byte[] Message = Encoding.ASCII.GetBytes(
        "From: Owner <news@owner.example>\r\nSubject:no blank\r\nX-Folded: one\r\n\ttwo\r\n  three\r\nX-Empty:\r\nX-Wide:   three blanks\r\n\r\nHello\r\n\r\n.\r\nend\r\n");

    [Fact]
    public void Every_fact_of_a_session_reaches_the_handler()
    {
        using var talk = Opened();
        talk.Say(MilterWire.Macros('H', "{tls_version}", "TLSv1.3", "{cipher}", "TLS_AES_256_GCM_SHA384", "{cipher_bits}", "256"), MilterWire.Helo());
        talk.Say(MilterWire.Mail("<news@owner.example>", "SIZE=1234", "BODY=8BITMIME", "smtputf8"));
        talk.Say(MilterWire.Refused(Gone), MilterWire.Macros('R', "i", "4XyZ1b", "{rcpt_mailer}", "local", "{rcpt_host}", "mx", "{rcpt_addr}", "user@provider.example"), MilterWire.Recipient(Known));
        Assert.Equal("c", talk.Say(MilterWire.Content(Message)));

        MilterTransaction seen = Assert.Single(talk.Seen.Transactions);
        Assert.Equal("mta7.example.net", seen.Client.HostName);
        Assert.Equal("192.0.2.17", seen.Client.Address?.ToString());
        Assert.Equal("mta7.example.net", seen.Helo);
        Assert.Equal("TLSv1.3", seen.TlsVersion);
        Assert.Equal("TLS_AES_256_GCM_SHA384", seen.Cipher);
        Assert.Null(seen.AuthenticatedAs);
        Assert.Equal("4XyZ1b", seen.QueueId);
        Assert.Equal("news@owner.example", seen.ReversePath);
        Assert.True(seen.SmtpUtf8);
        Assert.Equal(
            [new MilterRecipient("gone@provider.example", new MilterRefusal("5.1.1", "User unknown")), new MilterRecipient("user@provider.example", null, "local")], seen.Recipients);
        Assert.True(seen.IsComplete);
        Assert.Equal(Encoding.ASCII.GetString(Message), Assert.Single(talk.Seen.Messages));
        Assert.Equal(Message.Length, seen.MessageBytes);
    }

    [Fact]
    public void A_header_without_its_leading_blank_gets_one()
    {
        using var talk = new MilterTalk();
        talk.Say(MilterWire.Negotiate(protocol: 0xFF880), MilterWire.Connect(), MilterWire.Mail(), MilterWire.Recipient(Known));
        talk.Say(MilterWire.Packet('L', "Subject", "hello\n world"), MilterWire.Packet('L', "X-CRLF", "a\r\n b"), MilterWire.Packet('N'), MilterWire.EndOfMessage());
        Assert.Equal("Subject: hello\r\n world\r\nX-CRLF: a\r\n b\r\n\r\n", Assert.Single(talk.Seen.Messages));
    }

    [Theory]
    [InlineData("2001:db8::7", '6', "2001:db8::7")]
    [InlineData("IPv6:2001:db8::7", '6', "2001:db8::7")] // Sendmail
    [InlineData("::ffff:192.0.2.1", '6', "192.0.2.1")]
    [InlineData("/run/mail.sock", 'L', null)]
    [InlineData("nonsense", '4', null)]
    public void Addresses_are_read_as_both_MTAs_write_them(string text, char family, string? expected)
    {
        using var talk = new MilterTalk();
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect("unknown", text, family), MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Content(Message));
        Assert.Equal(expected, talk.Seen.Transactions[0].Client.Address?.ToString());
    }

    [Fact]
    public void A_client_of_an_unknown_family_has_no_address()
    {
        using var talk = new MilterTalk();
        talk.Say(MilterWire.Negotiate(), MilterWire.Packet('C', "localhost\0U"u8), MilterWire.Mail("<>"), MilterWire.Recipient("bare@provider.example"), MilterWire.Content(Message));
        Assert.Null(talk.Seen.Transactions[0].Client.Address);
        Assert.Equal("", talk.Seen.Transactions[0].ReversePath);
        Assert.Equal("bare@provider.example", talk.Seen.Transactions[0].Recipients[0].Address);
    }

    [Fact]
    public void Refused_recipients_are_told_when_no_message_follows()
    {
        using var talk = Opened();
        talk.Say(MilterWire.Mail(), MilterWire.Refused(Gone), MilterWire.Refused("<tarpit@provider.example>", "4.7.1", "Greylisted"), MilterWire.Abort());
        MilterTransaction seen = Assert.Single(talk.Seen.Transactions);
        Assert.False(seen.IsComplete);
        Assert.Equal([false, true], seen.Recipients.Select(r => r.Refusal!.IsTemporary));
        Assert.Equal(0, seen.Message.Length);

        talk.Say(MilterWire.Mail(), MilterWire.Refused(Gone), MilterWire.Quit());
        Assert.Equal(2, talk.Seen.Transactions.Count);
        Assert.Equal(3, talk.Result.RecipientsRefused);
    }

    [Fact]
    public void A_refusal_belongs_to_one_recipient_alone()
    {
        using var talk = Opened();
        talk.Say(MilterWire.Mail(), MilterWire.Refused(Gone), MilterWire.Recipient(Known), MilterWire.Content(Message)); // no macros before the second
        Assert.Null(talk.Seen.Transactions[0].Recipients[1].Refusal);
    }

    [Fact]
    public void Many_messages_over_one_connection_keep_their_own_facts()
    {
        using var talk = Opened();
        for (var i = 0; i < 100; i++)
        {
            talk.Say(MilterWire.Mail($"<m{i}@owner.example>"), MilterWire.Macros('R', "i", $"Q{i}"), MilterWire.Recipient($"<r{i}@provider.example>"));
            Assert.Equal("c", talk.Say(MilterWire.Content(Encoding.ASCII.GetBytes($"Subject: {i}\r\n\r\nbody {i}\r\n"))));
            Assert.Equal("", talk.Say(MilterWire.Abort())); // Postfix says so after each message, to be sure
        }

        Assert.Equal(100, talk.Seen.Transactions.Count);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal($"m{i}@owner.example", talk.Seen.Transactions[i].ReversePath);
            Assert.Equal($"Q{i}", talk.Seen.Transactions[i].QueueId);
            Assert.Equal($"r{i}@provider.example", talk.Seen.Transactions[i].Recipients[0].Address);
            Assert.Equal($"Subject: {i}\r\n\r\nbody {i}\r\n", talk.Seen.Messages[i]);
            Assert.Equal("192.0.2.17", talk.Seen.Transactions[i].Client.Address?.ToString());
        }
    }

    [Fact]
    public void An_abort_in_the_middle_of_a_message_drops_it_and_the_next_is_whole()
    {
        using var talk = Opened();
        byte[] content = MilterWire.Content(Message);
        talk.Say(MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Packet('L', "Subject", " half"), MilterWire.Packet('N'), MilterWire.Packet('B', "half"u8), MilterWire.Abort());
        Assert.Equal("c", talk.Say(MilterWire.Mail("<second@owner.example>"), MilterWire.Recipient(Known), content));
        Assert.Equal([false, true], talk.Seen.Transactions.Select(t => t.IsComplete));
        Assert.Equal(["", Encoding.ASCII.GetString(Message)], talk.Seen.Messages);
    }

    [Fact]
    public void A_transaction_that_the_MTA_forgot_to_end_ends_with_the_next()
    {
        using var talk = Opened();
        talk.Say(MilterWire.Mail("<first@owner.example>"), MilterWire.Refused(Gone));
        talk.Say(MilterWire.Macros('M', "i", "second", "{auth_authen}", "alice"), MilterWire.Mail("<second@owner.example>"), MilterWire.Recipient(Known), MilterWire.Content(Message));
        Assert.Equal(["first@owner.example", "second@owner.example"], talk.Seen.Transactions.Select(t => t.ReversePath));
        Assert.Equal([null, "alice"], talk.Seen.Transactions.Select(t => t.AuthenticatedAs));
    }

    [Fact]
    public void TLS_of_a_second_HELO_counts_and_a_new_session_forgets_it()
    {
        using var talk = Opened();
        talk.Say(MilterWire.Macros('H'), MilterWire.Helo("plain"), MilterWire.Macros('H', "{tls_version}", "TLSv1.2"), MilterWire.Helo("tls"));
        talk.Say(MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Content(Message));
        talk.Say(MilterWire.Packet('K'), MilterWire.Connect("other.example", "192.0.2.99"), MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Content(Message));
        Assert.Equal(["TLSv1.2", null], talk.Seen.Transactions.Select(t => t.TlsVersion));
        Assert.Equal(["tls", ""], talk.Seen.Transactions.Select(t => t.Helo));
        Assert.Equal(["192.0.2.17", "192.0.2.99"], talk.Seen.Transactions.Select(t => t.Client.Address?.ToString()));
    }

    [Fact]
    public void Whatever_the_handler_throws_the_mail_goes_its_way()
    {
        using var talk = new MilterTalk(handler: new ThrowingHandler());
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect());
        for (var i = 0; i < 20; i++)
            Assert.Equal("c", talk.Say(MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Content(Message)).Replace("O", "", StringComparison.Ordinal));
        talk.Say(MilterWire.Quit());
        Assert.Equal(20, talk.Result.Messages);
        Assert.Equal(MilterSessionResult.MaxKeptFailures, talk.Result.HandlerFailures.Count);
    }

    [Fact]
    public void A_session_that_the_host_stops_or_the_MTA_closes_ends()
    {
        using var stopped = Opened();
        stopped.Stop();
        Assert.Equal(MilterSessionEnd.HostStopping, stopped.Result.End);
        using var closed = Opened();
        closed.CloseByMta();
        Assert.Equal(MilterSessionEnd.Closed, closed.Result.End);
        using var idle = Opened();
        idle.Time.Advance(TimeSpan.FromSeconds(7211));
        Assert.Equal(MilterSessionEnd.IdleTimeout, idle.Result.End);
    }

    private static MilterTalk Opened()
    {
        var talk = new MilterTalk();
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect());
        return talk;
    }

    private sealed class ThrowingHandler : IMilterHandler
    {
        public void Observe(MilterTransaction transaction) => throw new InvalidOperationException("ours");
    }
}
