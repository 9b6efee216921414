using System.Text;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Bounces;

/// <summary>What a mail to an envelope sender is: hard, soft, delayed, a machine's answer, or a person.</summary>
public sealed class BounceReaderTests
{
    private static BouncedMail Read(string mail, bool nullSender = true) => BounceReader.Read(MessageReader.Read(Encoding.Latin1.GetBytes(mail)), nullSender);

    public static TheoryData<string, BounceForm, BounceKind, string?, bool> PlainForms => new()
    {
        { BounceSamples.Qmail, BounceForm.Qmail, BounceKind.Permanent, "5.1.1", true },
        { BounceSamples.QmailTooLong, BounceForm.Qmail, BounceKind.Temporary, "4.4.1", true },
        { BounceSamples.Exim, BounceForm.Exim, BounceKind.Permanent, "5.1.1", true },
        { BounceSamples.EximDelay, BounceForm.Exim, BounceKind.Delayed, "4.7.1", false },
        { BounceSamples.Postfix, BounceForm.Postfix, BounceKind.Permanent, "5.1.1", false },
        { BounceSamples.Exchange, BounceForm.Exchange, BounceKind.Permanent, "5.1.1", true },
        { BounceSamples.ExchangeOld, BounceForm.Exchange, BounceKind.Permanent, "5.1.1", false },
        { BounceSamples.Sendmail, BounceForm.Sendmail, BounceKind.Permanent, "5.1.1", false },
    };

    [Theory]
    [MemberData(nameof(PlainForms))]
    public void Plain_forms_tell_whom_what_and_why_with_either_line_end(string mail, BounceForm form, BounceKind kind, string? status, bool comesBack)
    {
        foreach (string text in (string[])[mail, mail.Replace("\r\n", "\n", StringComparison.Ordinal)])
        {
            BouncedMail read = Read(text);
            Assert.Equal((form, kind), (read.Form, read.Kind));
            BouncedRecipient about = Assert.Single(read.Recipients);
            Assert.True(about.IsFor(MailAddress.Parse(BounceSamples.Rcpt)));
            Assert.Equal(status, about.Status?.ToString());
            Assert.NotNull(about.Diagnostic);
            Assert.Equal(comesBack ? BounceSamples.Id : null, read.OriginalMessageId);
        }
    }

    [Theory]
    [InlineData("failed", "5.1.1", "smtp; 550 5.1.1 no", BounceKind.Permanent, "5.1.1")]
    [InlineData("failed", "5.0.0", "smtp; 550 5.1.1 no", BounceKind.Permanent, "5.1.1")] // the server's word is better than a vague one
    [InlineData("failed", "4.4.7", null, BounceKind.Temporary, "4.4.7")]
    [InlineData("failed", "5.2.2", "smtp; 552 5.2.2 Mailbox full", BounceKind.Temporary, "5.2.2")]
    [InlineData("delayed", "4.4.1", null, BounceKind.Delayed, "4.4.1")]
    [InlineData("delivered", "2.0.0", null, BounceKind.Delivered, "2.0.0")]
    [InlineData("relayed", "2.0.0", null, BounceKind.Delivered, "2.0.0")]
    [InlineData("FAILED (sorry)", "5.1.1 (no)", null, BounceKind.Permanent, "5.1.1")]
    [InlineData("failed", "nonsense", "smtp; 450 later", BounceKind.Temporary, null)]
    public void A_delivery_status_is_read_by_action_status_and_diagnostic(string action, string status, string? diagnostic, BounceKind kind, string? code)
    {
        BouncedMail read = Read(BounceSamples.Dsn(action, status, diagnostic));
        BouncedRecipient about = Assert.Single(read.Recipients);
        Assert.Equal((BounceForm.DeliveryStatus, kind, code), (read.Form, read.Kind, about.Status?.ToString()));
        Assert.Equal(BounceSamples.Id, read.OriginalMessageId);
    }

    [Fact]
    public void Answers_of_machines_are_no_bounces()
    {
        Assert.Equal(BounceKind.AutoReply, Read(BounceSamples.Vacation, nullSender: false).Kind);
        Assert.Equal(BounceKind.AutoReply, Read(BounceSamples.Vacation).Kind);
        Assert.Equal(BounceKind.AutoReply, Read("From: a@b.example\r\nSubject: Out of Office: x\r\n\r\nAway\r\n", nullSender: false).Kind);
        Assert.Equal(BounceKind.AutoReply, Read("From: a@b.example\r\nPrecedence: bulk\r\n\r\nAway\r\n", nullSender: false).Kind);
        Assert.Equal(BounceKind.AutoReply, Read("From: a@b.example\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n\r\nread\r\n--b--\r\n", nullSender: false).Kind);
    }

    [Fact]
    public void A_person_is_a_person_even_one_who_quotes_or_forwards_a_bounce()
    {
        Assert.Equal(BounceKind.Reply, Read(BounceSamples.Person, nullSender: false).Kind);
        Assert.Equal(BounceKind.Reply, Read("From: ann@owner.example\r\nSubject: Fwd: failure notice\r\n\r\n" + BounceSamples.Qmail, nullSender: false).Kind);
        Assert.Equal(BounceKind.Reply, Read(
            "From: ann@owner.example\r\nSubject: Fwd\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nsee\r\n--m\r\nContent-Type: message/rfc822\r\n\r\n" + BounceSamples.Dsn() + "\r\n--m--\r\n", nullSender: false).Kind);
    }

    [Fact]
    public void A_null_sender_without_any_word_of_failure_is_unclear() =>
        Assert.Equal(BounceKind.Unclear, Read("From: x@y.example\r\nSubject: hello\r\n\r\nnothing to see\r\n").Kind);

    [Theory]
    [InlineData("550 5.1.1 No such user", BounceKind.Permanent, true)]
    [InlineData("550 No such user", BounceKind.Permanent, false)]
    [InlineData("451 4.7.1 Later", BounceKind.Temporary, false)]
    [InlineData("The connection was lost", BounceKind.Unclear, false)]
    public void Replies_of_a_relay(string reply, BounceKind kind, bool noSuchMailbox)
    {
        BouncedRecipient read = BounceReader.ReadReply(reply);
        Assert.Equal((kind, noSuchMailbox), (read.Kind, read.Status?.IsNoSuchMailbox ?? false));
    }

    [Fact]
    public void No_bounce_brings_the_reader_down() => new ParserFuzz
    {
        Seed = 3464,
        Samples = BounceSamples.All,
        Alphabet =
        [
            "\r\n", "\n", "\0", " ", ":", ";", "<", ">", "(", "@", "<a@b.example>:", "550 5.1.1 ", "5.1.1", "4.", "Final-Recipient: rfc822; ", "Action: failed\r\n", "Status: ", "--b\r\n", "--b--\r\n", "\u00FF",
            "Content-Type: message/delivery-status\r\n\r\n", "Content-Type: message/rfc822\r\n\r\n", "Message-ID: <", "Hi. This is the qmail-send program", "--- Below", "\r\n\r\n", "a@b.example\r\n",
        ],
        Rounds = 700,
        CutStep = 1,
        Allocation = (700, 2 * 1024 * 1024),
    }.Run(octets =>
    {
        RawMessage mail = MessageReader.Read(octets);
        foreach (bool nullSender in (bool[])[true, false])
        {
            BouncedMail read = BounceReader.Read(mail, nullSender);
            Assert.Equal(read.IsBounce || read.Recipients.Count > 0, read.Recipients.Count > 0);
            Assert.True(read.Recipients.Count <= BounceReader.MaxRecipients);
        }
    });
}
