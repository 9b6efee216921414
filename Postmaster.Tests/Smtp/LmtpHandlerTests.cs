using Postmaster.Fbl.Smtp;

namespace Postmaster.Tests.Smtp;

public sealed class LmtpHandlerTests
{
    private const string Opening = "LHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\nRCPT TO:<y@b.test>\r\nDATA\r\n";

    private static readonly SmtpReply Kept = new(250, "2.0.0", "Kept");

    [Fact]
    public void Each_recipient_has_its_own_status_in_order()
    {
        using var talk = Answering((_, _) => Task.FromResult<IReadOnlyList<SmtpReply>>([new SmtpReply(452, "4.3.1", "Disk full"), Kept]));
        talk.Say(Opening);
        Assert.Equal("452 4.3.1 Disk full\r\n250 2.0.0 Kept\r\n", talk.Say("x\r\n.\r\n"));
    }

    [Fact]
    public void An_exception_means_try_later_for_everybody()
    {
        using var talk = Answering((_, _) => throw new InvalidDataException("a bug"));
        talk.Say(Opening);
        Assert.Equal("451 4.3.0 Local error, try again later\r\n451 4.3.0 Local error, try again later\r\n", talk.Say("x\r\n.\r\n"));
        talk.Say("QUIT\r\n");
        Assert.IsType<InvalidDataException>(Assert.Single(talk.Result.HandlerFailures));
        Assert.Equal((0, 1), (talk.Result.MessagesAccepted, talk.Result.MessagesRefused));
    }

    [Fact]
    public void An_exception_at_RCPT_means_try_later()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler { OnRecipient = _ => throw new TimeoutException() });
        Assert.Contains("451 4.3.0", talk.Say(Opening), StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_are_kept_only_up_to_a_number()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler { OnRecipient = _ => throw new TimeoutException() });
        talk.Say("LHLO c\r\nMAIL FROM:<a@b.test>\r\n");
        for (var i = 0; i < 100; i++)
            talk.Say("RCPT TO:<x@b.test>\r\n");
        talk.Say("QUIT\r\n");
        Assert.Equal(LmtpSessionResult.MaxKeptFailures, talk.Result.HandlerFailures.Count);
        Assert.Equal(100, talk.Result.RecipientsRefused);
    }

    [Fact]
    public void A_missing_or_senseless_reply_means_try_later()
    {
        using var talk = Answering((_, _) => Task.FromResult<IReadOnlyList<SmtpReply>>([new SmtpReply(354, null, "what?")]));
        talk.Say(Opening);
        Assert.Equal("451 4.3.0 Local error, try again later\r\n451 4.3.0 Local error, try again later\r\n", talk.Say("x\r\n.\r\n"));
    }

    [Fact]
    public async Task A_handler_that_takes_too_long_is_left_behind()
    {
        var never = new TaskCompletionSource<IReadOnlyList<SmtpReply>>();
        using var talk = Answering((_, _) => never.Task);
        talk.Say(Opening);
        Assert.Equal("", talk.Say("x\r\n.\r\n"));
        talk.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.StartsWith("451 4.3.0", await talk.HearAsync());
        Assert.False(talk.Session.IsCompleted);
    }

    [Fact]
    public void A_stopping_host_says_421()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Say("LHLO c\r\n");
        Assert.Equal("421 4.3.2 Shutting down, try again later\r\n", talk.Stop());
        Assert.Equal(LmtpSessionEnd.HostStopping, talk.Result.End);
    }

    [Fact]
    public void A_host_that_stops_inside_a_message_keeps_nothing_of_it()
    {
        var handler = new RecordingLmtpHandler();
        using var talk = new LmtpTalk(handler);
        talk.Say(Opening + "half");
        Assert.Equal("421 4.3.2 Shutting down, try again later\r\n", talk.Stop());
        Assert.Empty(handler.Delivered);
    }

    [Fact]
    public async Task A_delivery_that_comes_to_its_end_while_the_host_stops_is_acknowledged()
    {
        var delivery = new TaskCompletionSource<IReadOnlyList<SmtpReply>>();
        using var talk = Answering((_, _) => delivery.Task);
        talk.Say(Opening);
        talk.Say("x\r\n.\r\n");
        Assert.Equal("", talk.Stop());
        delivery.SetResult([Kept, Kept]);
        await talk.Session;
        Assert.Equal("250 2.0.0 Kept\r\n250 2.0.0 Kept\r\n421 4.3.2 Shutting down, try again later\r\n", talk.Heard());
    }

    [Fact]
    public async Task A_delivery_that_gives_up_because_the_host_stops_is_not_acknowledged()
    {
        using var talk = Answering(async (_, ct) =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            return [];
        });
        talk.Say(Opening);
        talk.Say("x\r\n.\r\n");
        var said = talk.Stop();
        await talk.Session;
        Assert.Equal("421 4.3.2 Shutting down, try again later\r\n", said + talk.Heard());
    }

    [Fact]
    public void The_handler_sees_what_the_client_declared()
    {
        var handler = new RecordingLmtpHandler();
        using var talk = new LmtpTalk(handler);
        talk.Say("LHLO c\r\nMAIL FROM:<> SMTPUTF8 BODY=8BITMIME SIZE=7\r\nRCPT TO:<postmaster>\r\nRCPT TO:<\u00c3\u00a4@b.test>\r\nDATA\r\n.\r\n");
        talk.Say("MAIL FROM:<@relay.test:a@[192.0.2.1]>\r\nRCPT TO:<x@b.test>\r\nDATA\r\n.\r\n");

        var (first, second) = (handler.Delivered[0].Envelope, handler.Delivered[1].Envelope);
        Assert.Equal((null, "", true, true, 7L), (first.ReversePath, first.ReversePathText, first.SmtpUtf8, first.EightBitMime, first.DeclaredSize!.Value));
        Assert.Equal("postmaster@mx.test ä@b.test", string.Join(' ', first.Recipients));
        Assert.Equal((null, "a@[192.0.2.1]", false, false), (second.ReversePath, second.ReversePathText, second.SmtpUtf8, second.EightBitMime));
        Assert.Equal("", handler.Delivered[0].Message);
    }

    private static LmtpTalk Answering(Func<LmtpEnvelope, CancellationToken, Task<IReadOnlyList<SmtpReply>>> deliver) =>
        new(new RecordingLmtpHandler { OnDeliver = deliver });
}
