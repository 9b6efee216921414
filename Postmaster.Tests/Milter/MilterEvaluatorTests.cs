using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Milter;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Milter;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Tests.Milter;

/// <summary>From what the mail server told to the events.</summary>
public sealed class MilterEvaluatorTests : IDisposable
{
    private const string Known = "<user@provider.example>", Gone = "<gone@provider.example>", Trap = "<trap@provider.example>";
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private readonly DkimPrivateKey _key = DkimPrivateKey.CreateEd25519();
    private readonly ZoneResolver _zone = new();
    private readonly string _traps = Path.GetTempFileName();

    public MilterEvaluatorTests()
    {
        _zone.AddTxt("s1._domainkey.owner.example", _key.PublicKeyRecord).AddTxt("owner.example", "v=spf1 ip4:192.0.2.17 -all").AddTxt("_dmarc.owner.example", "v=DMARC1; p=reject");
        _zone.AddPtr("192.0.2.17", "mta7.example.net").AddAddress("mta7.example.net", "192.0.2.17");
        File.WriteAllText(_traps, "trap@provider.example\n");
    }

    [Fact]
    public async Task A_delivered_message_tells_all_that_is_known_of_it()
    {
        TrafficEvent e = Assert.Single(await EventsAsync(Signed(), [MilterWire.Recipient(Known)]));
        Assert.Equal(EventKind.Delivered, e.Kind);
        Assert.Equal(Now, e.Time);
        Assert.Equal(("192.0.2.17", "mta7.example.net", "news@owner.example", "user@provider.example"), (e.Ip, e.Helo, e.MailFrom, e.Rcpt));
        Assert.Equal("owner.example", e.FromDomain);
        Assert.Equal([new SignatureEvent("owner.example", "s1", AuthenticationWord.Pass)], e.Dkim);
        Assert.Equal((AuthenticationWord.Pass, AuthenticationWord.Pass), (e.Spf, e.Dmarc));
        Assert.Equal("TLSv1.3", e.Tls);
        Assert.Equal(Signed().Length, e.Size);
        Assert.Equal(MailFolder.Inbox, e.Folder);
        Assert.Equal(("Weekly <weekly.owner.example>", "1:2:news:esp", "marketing", "<m1@owner.example>"), (e.ListId, e.FeedbackId, e.MessageType, e.MessageId));
        Assert.Equal((true, "ok", true), (e.OneClick, e.Format, e.ReverseLeadsBack));
    }

    [Fact]
    public async Task Each_recipient_has_an_event_of_its_own()
    {
        IReadOnlyList<TrafficEvent> events = await EventsAsync(
            Signed(), [MilterWire.Recipient(Known), MilterWire.Refused(Gone), MilterWire.Refused("<grey@provider.example>", "4.2.0", "Greylisted"), MilterWire.Recipient("<second@provider.example>")]);
        Assert.Equal([EventKind.Delivered, EventKind.Rejected, EventKind.Deferred, EventKind.Delivered], events.Select(e => e.Kind));
        Assert.Equal([null, RejectReason.UnknownUser, null, null], events.Select(e => e.Reason));
        Assert.Equal([MailFolder.Inbox, null, null, MailFolder.Inbox], events.Select(e => e.Folder));
        Assert.Equal(["user@provider.example", "gone@provider.example", "grey@provider.example", "second@provider.example"], events.Select(e => e.Rcpt));
    }

    [Fact]
    public async Task Refused_recipients_without_a_message_are_known_by_SPF_alone()
    {
        IReadOnlyList<TrafficEvent> events = await EventsAsync(message: null, [MilterWire.Refused(Gone), MilterWire.Recipient(Known)]);
        TrafficEvent e = Assert.Single(events); // the one that was taken got nothing
        Assert.Equal((EventKind.Rejected, AuthenticationWord.Pass, AuthenticationWord.Unknown), (e.Kind, e.Spf, e.Dmarc));
        Assert.Null(e.Dkim);
        Assert.Null(e.FromDomain);
        Assert.Equal("news@owner.example", e.MailFrom);

        Assert.Equal(AuthenticationWord.Fail, Assert.Single(await EventsAsync(null, [MilterWire.Refused(Gone)], client: "192.0.2.99")).Spf);
    }

    [Fact]
    public async Task A_trap_is_told_beside_what_happened_to_the_recipient()
    {
        Assert.Equal([EventKind.Delivered, EventKind.Trap], (await EventsAsync(Signed(), [MilterWire.Recipient(Trap)])).Select(e => e.Kind));
        Assert.Equal([EventKind.Rejected, EventKind.Trap], (await EventsAsync(null, [MilterWire.Refused(Trap)])).Select(e => e.Kind));
        Assert.Empty(await EventsAsync(null, [MilterWire.Recipient(Trap)])); // nothing came to it
        Assert.Equal([EventKind.Deferred], (await EventsAsync(null, [MilterWire.Refused(Trap, "4.2.0", "Greylisted")])).Select(e => e.Kind)); // the client comes again
    }

    [Fact]
    public async Task Where_another_feeder_counts_deliveries_only_refusals_and_traps_are_told()
    {
        var options = new MilterOptions { CountDeliveries = false };
        IReadOnlyList<TrafficEvent> events = await EventsAsync(Signed(), [MilterWire.Recipient(Known), MilterWire.Refused(Gone), MilterWire.Recipient(Trap)], options);
        Assert.Equal([EventKind.Rejected, EventKind.Trap], events.Select(e => e.Kind));
        Assert.Empty(await EventsAsync(Signed(), [MilterWire.Recipient(Known)], options));
    }

    [Theory]
    [InlineData("X-Spam: Yes", MailFolder.Spam)]
    [InlineData("X-Spam-Flag: YES", MailFolder.Spam)]
    [InlineData("X-Spam-Status: Yes, score=8.1", MailFolder.Spam)]
    [InlineData("X-Spam-Status: No, score=0.1", MailFolder.Inbox)]
    [InlineData("X-Spam-Score: 99", MailFolder.Inbox)]
    public async Task What_a_filter_before_us_marked_as_spam_goes_to_the_spam_folder(string field, MailFolder folder)
    {
        byte[] marked = [.. Encoding.ASCII.GetBytes(field + "\r\n"), .. Signed()];
        TrafficEvent e = Assert.Single(await EventsAsync(marked, [MilterWire.Recipient(Known)]));
        Assert.Equal(folder, e.Folder);
        Assert.Equal(AuthenticationWord.Pass, Assert.Single(e.Dkim!).Result);
    }

    [Theory]
    [InlineData("List-Unsubscribe: <https://owner.example/u/1>\r\n", "", false)] // no Post field
    [InlineData("List-Unsubscribe: <mailto:leave@owner.example>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", false)] // no https
    [InlineData("", "List-Unsubscribe: <https://owner.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", false)] // added after signing
    [InlineData("", "", false)]
    public async Task One_click_needs_both_fields_under_one_signature(string signed, string added, bool oneClick)
    {
        byte[] message = [.. Encoding.ASCII.GetBytes(added), .. Signed(signed)];
        Assert.Equal(oneClick, Assert.Single(await EventsAsync(message, [MilterWire.Recipient(Known)])).OneClick);
    }

    [Theory]
    [InlineData("From: a@owner.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@owner.example>\r\n", "ok")]
    [InlineData("Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@owner.example>\r\n", "no_from")]
    [InlineData("From: a@owner.example\r\nMessage-ID: <1@owner.example>\r\n", "no_date")]
    [InlineData("From: a@owner.example\r\nFrom: b@owner.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@owner.example>\r\n", "repeated_from")]
    [InlineData("From: a@owner.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n", "no_message_id")]
    [InlineData("From: a@owner.example\r\nDate: yesterday\r\nMessage-ID: <1@owner.example>\r\nSubject: 1\r\nSubject: 2\r\n", "repeated_subject")]
    [InlineData("From: nobody\r\nDate: yesterday\r\n", "bad_from")] // the gravest comes first
    [InlineData("From: a@owner.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@owner.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n", "ok")] // MIME is another matter
    public async Task Violations_of_the_message_format_have_the_sample_check_s_names(string header, string format) =>
        Assert.Equal(format, Assert.Single(await EventsAsync(Encoding.ASCII.GetBytes(header + "\r\nbody\r\n"), [MilterWire.Recipient(Known)])).Format);

    [Fact]
    public async Task Mail_that_nobody_vouches_for_says_so()
    {
        byte[] forged = Encoding.ASCII.GetBytes("From: a@owner.example\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@owner.example>\r\n\r\nbody\r\n");
        TrafficEvent e = Assert.Single(await EventsAsync(forged, [MilterWire.Recipient(Known)], client: "192.0.2.99"));
        Assert.Equal((AuthenticationWord.Fail, AuthenticationWord.Fail, false, "none"), (e.Spf, e.Dmarc, e.ReverseLeadsBack, e.Tls));
        Assert.Empty(e.Dkim!);
    }

    public void Dispose()
    {
        _key.Dispose();
        File.Delete(_traps);
    }

    private byte[] Signed(string? list = null) => new DkimSigner(DomainName.Parse("owner.example"), "s1", _key).Sign(
        Encoding.ASCII.GetBytes(
            "From: Owner <news@owner.example>\r\nTo: user@provider.example\r\nSubject: hello\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <m1@owner.example>\r\n"
            + (list ?? "List-Unsubscribe: <https://owner.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
            + "List-Id: Weekly <weekly.owner.example>\r\nFeedback-ID: 1:2:news:esp\r\nX-Postmaster-Msgtype: marketing\r\nX-Mailru-Msgtype: other\r\n\r\nHello\r\n"),
        Now);

    /// <param name="message">Null: the client goes away before DATA.</param>
    private async Task<IReadOnlyList<TrafficEvent>> EventsAsync(byte[]? message, byte[][] recipients, MilterOptions? options = null, string client = "192.0.2.17")
    {
        var seen = new RecordingMilterHandler { Keeps = true };
        using var kept = new MilterTalk(handler: seen);
        kept.Say(MilterWire.Negotiate(), MilterWire.Connect(address: client), MilterWire.Macros('H', client is "192.0.2.17" ? ["{tls_version}", "TLSv1.3"] : []), MilterWire.Helo(), MilterWire.Mail());
        kept.Say(recipients);
        kept.Say(message is null ? MilterWire.Abort() : MilterWire.Content(message));
        using MilterTransaction transaction = Assert.Single(seen.Transactions);
        var traps = new TrapAddresses(Options.Create(new TrapOptions { TrapAddresses = _traps }), new ManualTime(), NullLogger<TrapAddresses>.Instance);
        var evaluator = new MilterEvaluator(new MessageAuthenticator(_zone), _zone, traps, Options.Create(options ?? new MilterOptions()));
        return await evaluator.EvaluateAsync(new SeenTransaction(transaction, Now), CancellationToken.None);
    }
}
