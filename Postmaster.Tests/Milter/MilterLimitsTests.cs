using System.Buffers.Binary;
using Postmaster.Fbl.Milter;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Milter;

public sealed class MilterLimitsTests
{
    private const string Known = "<user@provider.example>";

    [Fact]
    public void A_message_that_is_too_large_is_let_through_and_let_go()
    {
        var budget = new SmtpMemoryBudget(10_000_000);
        using var talk = new MilterTalk(new MilterSessionOptions { MaxMessageBytes = 100_000, MemoryBudget = budget });
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect(), MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Packet('N'));
        for (var i = 0; i < 100; i++)
        {
            talk.Say(MilterWire.Packet('B', new byte[60_000].AsSpan()));
            Assert.True(budget.UsedBytes < 200_000);
        }

        Assert.Equal("c", talk.Say(MilterWire.EndOfMessage()));
        MilterTransaction seen = Assert.Single(talk.Seen.Transactions);
        Assert.Equal(MilterLoss.TooLarge, seen.Loss);
        Assert.Equal(6_000_002, seen.MessageBytes);
        Assert.Equal(0, seen.Message.Length);
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void All_sessions_together_hold_no_more_than_they_may()
    {
        var budget = new SmtpMemoryBudget(150_000);
        using var first = Begun(budget);
        using var second = Begun(budget);
        second.Say(MilterWire.EndOfMessage());
        Assert.Equal(MilterLoss.OutOfMemory, Assert.Single(second.Seen.Transactions).Loss);
        first.Say(MilterWire.EndOfMessage());
        Assert.Equal(MilterLoss.None, Assert.Single(first.Seen.Transactions).Loss);
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void What_the_handler_keeps_counts_until_it_lets_go()
    {
        var budget = new SmtpMemoryBudget(1_000_000);
        var handler = new RecordingMilterHandler { Keeps = true };
        using var talk = new MilterTalk(new MilterSessionOptions { MemoryBudget = budget }, handler);
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect(), MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Content("Subject: x\r\n\r\nhello\r\n"u8), MilterWire.Quit());
        Assert.True(talk.Session.IsCompleted);
        Assert.True(budget.UsedBytes > 0);
        handler.Transactions[0].Dispose();
        handler.Transactions[0].Dispose();
        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void A_list_of_made_up_recipients_is_bounded()
    {
        var budget = new SmtpMemoryBudget(1_000_000);
        using var talk = new MilterTalk(new MilterSessionOptions { MaxRecipients = 10, MemoryBudget = budget });
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect(), MilterWire.Mail());
        for (var i = 0; i < 5000; i++)
            talk.Say(MilterWire.Refused($"<made.up.{i}@provider.example>"));
        Assert.True(budget.UsedBytes < 10_000);
        talk.Say(MilterWire.Abort());
        Assert.Equal(10, talk.Seen.Transactions[0].Recipients.Count);
        Assert.Equal(4990, talk.Seen.Transactions[0].RecipientsDropped);
        Assert.Equal(0, budget.UsedBytes);

        // Without room in the budget nothing is kept at all, and the session goes on.
        using var poor = new MilterTalk(new MilterSessionOptions { MemoryBudget = new SmtpMemoryBudget(10) });
        poor.Say(MilterWire.Negotiate(), MilterWire.Mail(), MilterWire.Recipient(Known));
        Assert.Equal("c", poor.Say(MilterWire.Content("Subject: x\r\n\r\nhello\r\n"u8)));
        Assert.Equal(1, poor.Seen.Transactions[0].RecipientsDropped);
    }

    [Fact]
    public void A_packet_of_a_megabyte_is_read_and_a_larger_one_ends_the_session()
    {
        using var talk = Begun(null);
        talk.Say(MilterWire.Packet('B', new byte[(1024 * 1024) - 1].AsSpan()));
        Assert.False(talk.Session.IsCompleted);
        var head = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(head, (1024 * 1024) + 1);
        talk.Say(head);
        Assert.Equal(MilterSessionEnd.ProtocolError, talk.Result.End);
    }

    [Fact]
    public void Long_names_are_cut_and_macros_that_nobody_reads_are_not_kept()
    {
        using var talk = new MilterTalk();
        var wide = new string('x', 100_000);
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect(wide), MilterWire.Macros('H', "{tls_version}", wide, wide, wide), MilterWire.Helo(wide));
        talk.Say(MilterWire.Mail($"<{wide}@x.example>"), MilterWire.Recipient($"<{wide}@provider.example>"), MilterWire.Content("Subject: x\r\n\r\nhello\r\n"u8));
        MilterTransaction seen = Assert.Single(talk.Seen.Transactions);
        Assert.All([seen.Client.HostName, seen.Helo, seen.TlsVersion!, seen.ReversePath, seen.Recipients[0].Address], text => Assert.Equal(2048, text.Length));
    }

    [Fact]
    public void Outside_text_has_no_controls()
    {
        using var talk = new MilterTalk();
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect("a\r\nb"), MilterWire.Helo("\u001b[31m"), MilterWire.Mail("<a\r\nb@x.example>"), MilterWire.Recipient("<\xFF\t@x>"), MilterWire.Content("Subject: x\r\n\r\nhello\r\n"u8));
        MilterTransaction seen = Assert.Single(talk.Seen.Transactions);
        Assert.Equal(["a??b", "?[31m", "a??b@x.example", "ÿ?@x"], [seen.Client.HostName, seen.Helo, seen.ReversePath, seen.Recipients[0].Address]);
    }

    private static MilterTalk Begun(SmtpMemoryBudget? budget)
    {
        var talk = new MilterTalk(new MilterSessionOptions { MemoryBudget = budget });
        talk.Say(MilterWire.Negotiate(), MilterWire.Connect(), MilterWire.Mail(), MilterWire.Recipient(Known), MilterWire.Packet('N'));
        talk.Say(MilterWire.Packet('B', new byte[60_000].AsSpan()));
        return talk;
    }
}
