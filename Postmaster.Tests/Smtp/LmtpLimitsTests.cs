using System.IO.Pipelines;
using System.Text;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Tests.Smtp;

public sealed class LmtpLimitsTests
{
    private const string Opening = "LHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\nRCPT TO:<y@b.test>\r\n";

    private static readonly LmtpSessionOptions Small = new() { HostName = "mx.test", MaxMessageBytes = 1000, MaxDrainedBytes = 5000 };

    [Theory]
    [InlineData(1000, "250")]
    [InlineData(1001, "552 5.3.4")]
    [InlineData(4000, "552 5.3.4")]
    public void The_size_limit_counts_real_octets(int octets, string reply)
    {
        var handler = new RecordingLmtpHandler();
        using var talk = new LmtpTalk(handler, Small);
        talk.Say(Opening + "DATA\r\n");
        var said = talk.Say(new string('a', octets - 2) + "\r\n.\r\n").Split("\r\n");
        Assert.StartsWith(reply, said[0]);
        Assert.StartsWith(reply, said[1]);
        Assert.Equal(octets <= 1000 ? 1 : 0, handler.Delivered.Count);
        Assert.StartsWith("250", talk.Say("MAIL FROM:<next@b.test>\r\n")); // the session goes on
    }

    [Fact]
    public void A_flood_is_drained_up_to_a_limit_and_then_cut_off()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler(), Small);
        talk.Say(Opening + "DATA\r\n");
        Assert.Equal("", talk.Say(new string('a', 4999)));
        var said = talk.Say(new string('a', 5000));
        Assert.Equal(["552", "552", "421", ""], said.Split("\r\n").Select(l => l.Length > 0 ? l[..3] : l), StringComparer.Ordinal);
        Assert.Equal(LmtpSessionEnd.Flooded, talk.Result.End);
    }

    [Fact]
    public void All_sessions_together_stay_within_their_memory_budget()
    {
        var budget = new SmtpMemoryBudget(100_000);
        var options = new LmtpSessionOptions { MemoryBudget = budget };
        using var first = new LmtpTalk(new RecordingLmtpHandler(), options);
        using var second = new LmtpTalk(new RecordingLmtpHandler(), options);
        first.Say(Opening + "DATA\r\n" + new string('a', 40_000));
        Assert.InRange(budget.UsedBytes, 40_000, 100_000);

        second.Say(Opening + "DATA\r\n");
        Assert.StartsWith("452 4.3.1", second.Say(new string('a', 60_000) + "\r\n.\r\n"));
        Assert.StartsWith("250", first.Say("\r\n.\r\n"));
        Assert.Equal(0, budget.UsedBytes);
        Assert.StartsWith("250", second.Say(Opening[8..] + "DATA\r\n"));
        Assert.StartsWith("250", second.Say(new string('a', 60_000) + "\r\n.\r\n"));
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void A_broken_off_message_gives_its_memory_back()
    {
        var budget = new SmtpMemoryBudget(100_000);
        using var talk = new LmtpTalk(new RecordingLmtpHandler(), new LmtpSessionOptions { MemoryBudget = budget });
        talk.Say(Opening + "DATA\r\n" + new string('a', 40_000));
        talk.CloseByClient();
        Assert.Equal(LmtpSessionEnd.ClientClosedInData, talk.Result.End);
        Assert.Equal(0, budget.UsedBytes);
    }

    [Theory]
    [InlineData(2048, "250")]
    [InlineData(2049, "500 5.5.2 Line too long")]
    [InlineData(30_000, "500 5.5.2 Line too long")]
    public void A_command_line_has_a_limit(int octets, string reply)
    {
        var line = Encoding.Latin1.GetBytes("NOOP " + new string('x', octets - 7) + "\r\n");
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Heard();
        Assert.StartsWith(reply, talk.Say(line));
        var said = "";
        foreach (var chunk in line.Chunk(999)) // the same in pieces
            said += talk.Say(chunk);
        Assert.StartsWith(reply, said);
        Assert.Equal("250 2.0.0 OK\r\n", talk.Say("NOOP\r\n"));
    }

    [Fact]
    public void A_line_without_end_is_cut_off()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Heard();
        var said = "";
        for (var i = 0; i < 70 && said.Length == 0; i++)
            said = talk.Say(new string('x', 1000));
        Assert.StartsWith("421", said);
        Assert.Equal(LmtpSessionEnd.Flooded, talk.Result.End);
    }

    [Fact]
    public void A_line_ending_in_bare_LF_is_no_command()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Heard();
        Assert.StartsWith("500 5.5.2", talk.Say("QUIT\n"));
        Assert.False(talk.Session.IsCompleted);
    }

    [Fact]
    public void Too_many_recipients_are_put_off()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler(), new LmtpSessionOptions { MaxRecipients = 2 });
        talk.Say(Opening);
        Assert.StartsWith("452 4.5.3", talk.Say("RCPT TO:<z@b.test>\r\n"));
        talk.Say("DATA\r\n");
        Assert.Equal(2, talk.Say(".\r\n").Split("250 ").Length - 1);
    }

    [Fact]
    public void Too_many_errors_end_the_session()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler(), new LmtpSessionOptions { MaxErrors = 3 });
        talk.Heard();
        Assert.StartsWith("500", talk.Say("X\r\nX\r\nX\r\n"));
        Assert.StartsWith("421 4.7.0", talk.Say("X\r\n"));
        Assert.Equal((LmtpSessionEnd.TooManyErrors, 4), (talk.Result.End, talk.Result.CommandErrors));
    }

    [Fact]
    public void Too_many_messages_end_the_session()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler(), new LmtpSessionOptions { MaxMessages = 1 });
        talk.Say(Opening + "DATA\r\n");
        Assert.Contains("\r\n421 4.7.0", talk.Say(".\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("LHLO c\r\n")]
    [InlineData(Opening)]
    [InlineData(Opening + "DATA\r\nhalf a line")]
    public void A_silent_client_hears_421(string before)
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        talk.Say(before);
        talk.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.False(talk.Session.IsCompleted);
        talk.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("421 4.4.2 Time-out\r\n", talk.Heard());
        Assert.Equal(LmtpSessionEnd.IdleTimeout, talk.Result.End);
    }

    [Fact]
    public void A_message_that_trickles_in_for_ever_is_cut_off()
    {
        var handler = new RecordingLmtpHandler();
        using var talk = new LmtpTalk(handler);
        talk.Say(Opening + "DATA\r\n");
        for (var minute = 0; minute < 19; minute++)
        {
            Assert.Equal("", talk.Say("x"));
            talk.Time.Advance(TimeSpan.FromMinutes(1));
        }

        talk.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("421 4.4.2 Time-out\r\n", talk.Heard());
        Assert.Equal(LmtpSessionEnd.DataTimeout, talk.Result.End);
        Assert.Empty(handler.Delivered);
    }

    [Fact]
    public void A_session_does_not_last_for_ever()
    {
        using var talk = new LmtpTalk(new RecordingLmtpHandler());
        for (var minute = 0; minute < 119; minute++)
        {
            Assert.EndsWith("250 2.0.0 OK\r\n", talk.Say("NOOP\r\n"));
            talk.Time.Advance(TimeSpan.FromMinutes(1));
        }

        talk.Heard();
        talk.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("421 4.7.0 Session too long\r\n", talk.Heard());
        Assert.Equal(LmtpSessionEnd.SessionTimeout, talk.Result.End);
    }

    [Fact]
    public void A_client_that_does_not_read_its_replies_is_dropped()
    {
        var narrow = new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false);
        using var talk = new LmtpTalk(new RecordingLmtpHandler(), null, narrow);
        talk.Time.Advance(TimeSpan.FromMinutes(6)); // the greeting lies unread
        talk.Time.Advance(TimeSpan.FromSeconds(3)); // and so does the 421
        Assert.Equal(LmtpSessionEnd.IdleTimeout, talk.Result.End);
    }
}
