using System.Text;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Tests.Smtp;

public sealed class LmtpSessionTests
{
    private const string Opening = "LHLO client.test\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<spam@provider.test>\r\n";

    private const string Conversation =
        "LHLO client.test\r\nMAIL FROM:<a@example.org> SIZE=30 BODY=8BITMIME\r\nRCPT TO:<one@provider.test>\r\nRCPT TO:<two@provider.test>\r\n"
        + "DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nRSET\r\nQUIT\r\n";

    [Fact]
    public void A_conversation_is_answered_as_the_RFC_says()
    {
        var handler = new RecordingLmtpHandler { OnRecipient = r => r.LocalPart is "two" ? new SmtpReply(550, "5.1.1", "No such user") : new SmtpReply(250, "2.1.5", "OK") };
        using var talk = new LmtpTalk(handler);

        Assert.Equal("220 mx.test LMTP\r\n", talk.Heard());
        Assert.Equal(
            "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n",
            talk.Say("LHLO client.test\r\n"));
        Assert.Equal("250 2.1.0 Sender OK\r\n", talk.Say("MAIL FROM:<a@example.org> SIZE=30 BODY=8BITMIME\r\n"));
        Assert.Equal("250 2.1.5 OK\r\n", talk.Say("RCPT TO:<one@provider.test>\r\n"));
        Assert.Equal("550 5.1.1 No such user\r\n", talk.Say("RCPT TO:<two@provider.test>\r\n"));
        Assert.Equal("250 2.1.5 OK\r\n", talk.Say("rcpt to: <three@provider.test>\r\n"));
        Assert.Equal("354 End with a dot on a line by itself\r\n", talk.Say("DATA\r\n"));
        Assert.Equal("", talk.Say("Subject: x\r\n\r\n..dot\r\n"));
        Assert.Equal("250 2.0.0 Kept for one@provider.test\r\n250 2.0.0 Kept for three@provider.test\r\n", talk.Say(".\r\n"));
        Assert.Equal("221 2.0.0 Bye\r\n", talk.Say("QUIT\r\n"));

        var (envelope, message) = Assert.Single(handler.Delivered);
        Assert.Equal("Subject: x\r\n\r\n.dot\r\n", message);
        Assert.Equal("a@example.org", envelope.ReversePath?.ToString());
        Assert.Equal(("client.test", 30L, true, false), (envelope.ClientName, envelope.DeclaredSize ?? 0, envelope.EightBitMime, envelope.SmtpUtf8));
        var result = talk.Result;
        Assert.Equal((LmtpSessionEnd.Quit, 1, 0, 1, 0), (result.End, result.MessagesAccepted, result.MessagesRefused, result.RecipientsRefused, result.CommandErrors));
    }

    [Fact]
    public void A_conversation_cut_at_any_octet_gives_the_same_answers()
    {
        var bytes = Encoding.Latin1.GetBytes(Conversation);
        var whole = LmtpTalk.Run(new RecordingLmtpHandler(), [bytes]);
        Assert.EndsWith("221 2.0.0 Bye\r\n", whole.Said);

        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var handler = new RecordingLmtpHandler();
            var (said, _) = LmtpTalk.Run(handler, [bytes[..cut], bytes[cut..]]);
            Assert.Equal(whole.Said, said);
            Assert.Equal("Subject: x\r\n\r\n.dot\r\n", Assert.Single(handler.Delivered).Message);
        }

        Assert.Equal(whole.Said, LmtpTalk.Run(new RecordingLmtpHandler(), bytes.Select(b => new[] { b })).Said);
    }

    [Fact]
    public void A_conversation_that_breaks_off_anywhere_delivers_nothing_unfinished()
    {
        var bytes = Encoding.Latin1.GetBytes(Conversation);
        var terminator = Conversation.IndexOf("\r\n.\r\n", StringComparison.Ordinal) + 5;
        for (var length = 0; length < bytes.Length; length++)
        {
            var handler = new RecordingLmtpHandler();
            var (_, result) = LmtpTalk.Run(handler, [bytes[..length]]);
            Assert.Equal(length >= terminator ? 1 : 0, handler.Delivered.Count);
            Assert.True(result.End is LmtpSessionEnd.ClientClosed or LmtpSessionEnd.ClientClosedInData);
        }
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b.test>", "503 5.5.1")] // no LHLO
    [InlineData("EHLO x", "500 5.5.1")] // RFC 2033 §4.1
    [InlineData("HELO x", "500 5.5.1")]
    [InlineData("LHLO", "501 5.5.4")] // no name
    [InlineData("LHLO a b", "501 5.5.4")]
    [InlineData("RCPT TO:<a@b.test>", "503 5.5.1")]
    [InlineData("DATA", "503 5.5.1")]
    [InlineData("DATA now", "501 5.5.4")]
    [InlineData("NOOP ignored", "250 2.0.0")]
    [InlineData("VRFY someone", "252 2.0.0")]
    [InlineData("HELP", "214 2.0.0")]
    [InlineData("rset", "250 2.0.0")]
    [InlineData("AUTH PLAIN AAAA", "502 5.5.1")]
    [InlineData("XYZZY", "500 5.5.1")]
    [InlineData("", "500 5.5.1")]
    [InlineData("NO\0OP", "500 5.5.2")]
    [InlineData("NO\rOP", "500 5.5.2")]
    [InlineData("\xff\xfe", "500 5.5.2")] // not UTF-8
    public void A_command_before_LHLO_is_answered(string command, string reply)
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Heard();
        Assert.StartsWith(reply, talk.Say(command + "\r\n"));
        Assert.Equal("250 2.0.0 OK\r\n", talk.Say("NOOP\r\n"));
    }

    [Theory]
    [InlineData("MAIL FROM:<>", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@b.test>", "250 2.1.0")]
    [InlineData("mail from: <a@b.test> size=10 body=7bit smtputf8", "250 2.1.0")]
    [InlineData("MAIL FROM:<@relay.test,@b.test:a@b.test>", "250 2.1.0")] // source route
    [InlineData("MAIL FROM:<\"a > b\"@b.test>", "250 2.1.0")]
    [InlineData("MAIL FROM:<a@[192.0.2.1]>", "250 2.1.0")] // a literal is no reason to refuse mail
    [InlineData("MAIL FROM:a@b.test", "501 5.5.4")] // no brackets
    [InlineData("MAIL FROM:<a@b.test", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test>SIZE=1", "501 5.5.4")] // no space
    [InlineData("MAIL TO:<a@b.test>", "501 5.5.4")]
    [InlineData("MAIL", "501 5.5.4")]
    [InlineData("MAIL FROM:<garbage>", "501 5.1.7")]
    [InlineData("MAIL FROM:<a@b.test> SIZE=", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> SIZE=-1", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> SIZE=1 SIZE=2", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> SIZE=99999999999999999999", "552 5.3.4")]
    [InlineData("MAIL FROM:<a@b.test> SIZE=52428801", "552 5.3.4")]
    [InlineData("MAIL FROM:<a@b.test> BODY=BINARYMIME", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@b.test> RET=HDRS", "555 5.5.4")] // DSN is not advertised
    [InlineData("MAIL FROM:<\xc3\xa4@b.test>", "553 5.6.7")] // needs SMTPUTF8
    [InlineData("MAIL FROM:<\xc3\xa4@b.test> SMTPUTF8", "250 2.1.0")]
    public void MAIL_is_answered(string command, string reply)
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Say("LHLO c\r\n");
        Assert.StartsWith(reply, talk.Say(command + "\r\n"));
    }

    [Theory]
    [InlineData("RCPT TO:<a@b.test>", "250 2.1.5")]
    [InlineData("RCPT TO:<Postmaster>", "250 2.1.5")] // RFC 5321 §4.1.1.3
    [InlineData("RCPT TO:<>", "501 5.1.3")]
    [InlineData("RCPT TO:<a>", "501 5.1.3")]
    [InlineData("RCPT TO:a@b.test", "501 5.5.4")]
    [InlineData("RCPT TO:<a@b.test> NOTIFY=NEVER", "555 5.5.4")]
    [InlineData("RCPT TO:<\xc3\xa4@b.test>", "553 5.6.7")]
    [InlineData("MAIL FROM:<a@b.test>", "503 5.5.1")] // nested
    public void RCPT_is_answered(string command, string reply)
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Say("LHLO c\r\nMAIL FROM:<a@b.test>\r\n");
        Assert.StartsWith(reply, talk.Say(command + "\r\n"));
    }

    [Fact]
    public void Pipelined_commands_are_answered_in_order()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Say("LHLO c\r\n");
        var said = talk.Say(
            "MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nRCPT TO:<bad>\r\nDATA\r\nx\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<b@b.test>\r\nDATA\r\n.\r\nQUIT\r\n");
        Assert.Equal(
            "250 250 501 354 250 250 250 354 250 221",
            string.Join(' ', said.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line[..3])));
    }

    [Fact]
    public void DATA_without_an_accepted_recipient_is_refused()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler { OnRecipient = _ => new SmtpReply(450, "4.2.0", "later") });
        Assert.EndsWith("450 4.2.0 later\r\n", talk.Say(Opening));
        Assert.Equal("503 5.5.1 No valid recipients\r\n", talk.Say("DATA\r\n"));
    }

    [Fact]
    public void RSET_and_LHLO_forget_the_transaction()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Say(Opening + "RSET\r\n");
        Assert.StartsWith("503", talk.Say("DATA\r\n"));
        talk.Say(Opening + "LHLO again\r\n");
        Assert.StartsWith("503", talk.Say("DATA\r\n"));
    }

    [Fact]
    public void A_reply_of_the_handler_cannot_break_the_protocol()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler { OnRecipient = _ => new SmtpReply(550, "5.1.1", ["a\r\n250 forged", new string('x', 2000), "\0\u00e4"]) });
        var said = talk.Say(Opening).Split("\r\n")[^4..];
        Assert.Equal("550-5.1.1 a  250 forged", said[0]);
        Assert.True(said[1].Length <= 510);
        Assert.Equal("550 5.1.1 ??", said[2]);
        Assert.Equal("", said[3]);
    }
}
