using System.Text;
using Postmaster.Fbl.Milter;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Milter;

public sealed class MilterFuzzTests
{
    private static readonly byte[] Talk =
    [
        .. MilterWire.Negotiate(), .. MilterWire.Macros('C', "j", "mx.provider.example"), .. MilterWire.Connect(),
        .. MilterWire.Macros('H', "{tls_version}", "TLSv1.3", "{cipher}", "X"), .. MilterWire.Helo(),
        .. MilterWire.Mail(), .. MilterWire.Refused("<gone@provider.example>"), .. MilterWire.Macros('R', "i", "4XyZ1b"), .. MilterWire.Recipient("<user@provider.example>"),
        .. MilterWire.Content(Encoding.ASCII.GetBytes("From: a@b.example\r\nSubject: folded\r\n here\r\n\r\nbody\r\n")), .. MilterWire.Abort(),
        .. MilterWire.Mail("<>"), .. MilterWire.Refused("<x@provider.example>", "4.2.0", "later"), .. MilterWire.Abort(),
        .. MilterWire.Packet('K'), .. MilterWire.Connect("b.example", "2001:db8::1", '6'), .. MilterWire.Mail(), .. MilterWire.Recipient("<y@provider.example>"),
        .. MilterWire.Content("Subject: two\r\n\r\n"u8), .. MilterWire.Quit(),
    ];

    [Fact]
    public void A_talk_cut_at_every_octet_says_and_sees_the_same()
    {
        var whole = MilterTalk.Run([Talk]);
        Assert.Equal("Occ", whole.Said);
        Assert.Equal(3, whole.Seen.Count);
        for (var at = 1; at < Talk.Length; at++)
        {
            var parts = MilterTalk.Run([Talk[..at], Talk[at..]]);
            Assert.Equal(whole.Said, parts.Said);
            Assert.Equal(whole.Seen, parts.Seen);
        }

        var octets = MilterTalk.Run(Talk.Select(octet => new[] { octet }));
        Assert.Equal(whole.Seen, octets.Seen);
    }

    [Fact]
    public void A_talk_that_breaks_off_anywhere_tells_only_of_complete_messages_that_are()
    {
        for (var at = 0; at < Talk.Length; at++)
        {
            using var talk = new MilterTalk();
            talk.SayQuietly(Talk[..at]);
            talk.CloseByMta();
            Assert.True(talk.Session.IsCompletedSuccessfully);
            Assert.Equal(talk.Result.Messages, talk.Seen.Transactions.Count(t => t.IsComplete));
            Assert.Equal(talk.HeardPackets().Count(p => p.Command == 'c'), talk.Result.Messages);
        }
    }

    [Fact]
    public void Any_talk_ends_and_gives_all_memory_back() => new ParserFuzz
    {
        Seed = 20261122,
        Samples = [Encoding.Latin1.GetString(Talk)],
        Alphabet =
        [
            .. ((byte[][])
                [
                    MilterWire.Negotiate(), MilterWire.Connect(), MilterWire.Helo(), MilterWire.Mail(), MilterWire.Recipient("<y@provider.example>"), MilterWire.Refused("<x@provider.example>"),
                    MilterWire.Content("A: 1\r\n\r\n"u8), MilterWire.Abort(), MilterWire.Quit(), MilterWire.Packet('K'), MilterWire.Packet('E'), MilterWire.Packet('D'),
                ]).Select(Encoding.Latin1.GetString),
            "\0", "\0\0\0", "\0\0\0\u0001", "\u00FF\u00FF\u00FF\u00FF", "\u007F\u00FF\u00FF\u00FF", "\0\u0001\0\0B", "L", "x", "<", ">", "\r\n",
        ],
        Rounds = 800,
        FloodLength = 32 * 1024,
        Allocation = (400, 1024 * 1024),
    }.Run(octets =>
    {
        foreach (var budgetOctets in (int[])[0, 2000, 1_000_000])
        {
            var budget = new SmtpMemoryBudget(budgetOctets);
            var result = MilterTalk.Run([octets], new MilterSessionOptions { MaxMessageBytes = 200, MaxRecipients = 2, MemoryBudget = budget }).Result;
            Assert.Empty(result.HandlerFailures);
            Assert.Equal(0, budget.UsedBytes);
        }
    });
}
