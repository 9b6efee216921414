using System.Buffers.Binary;
using Postmaster.Fbl.Milter;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Milter;

public sealed class MilterNegotiationTests
{
    private const uint RefusedRecipients = 0x800, LeadingSpace = 0x100000, AllNoReply = 0xFF080, NotWanted = 0x300, OwnWish = RefusedRecipients | LeadingSpace | AllNoReply | NotWanted;

    [Fact]
    public void Every_reply_that_may_be_left_out_is_and_refused_recipients_are_asked_for()
    {
        (uint version, uint actions, uint protocol) = Agreed(MilterWire.Negotiate());
        Assert.Equal(6u, version);
        Assert.Equal(0u, actions); // nothing of the mail can be changed over this connection
        Assert.Equal(OwnWish, protocol);
    }

    [Fact]
    public void Nothing_is_asked_for_that_the_MTA_did_not_offer()
    {
        Assert.Equal((6u, 0u, 0u), Agreed(MilterWire.Negotiate(protocol: 0)));
        Assert.Equal((6u, 0u, RefusedRecipients), Agreed(MilterWire.Negotiate(protocol: RefusedRecipients | 0x7F)));
        Assert.Equal((2u, 0u, 0u), Agreed(MilterWire.Negotiate(version: 2, actions: 0x3F, protocol: 0x7F)));
    }

    [Fact]
    public void A_later_version_is_answered_with_the_one_that_we_know() =>
        Assert.Equal((6u, 0u, OwnWish), Agreed(MilterWire.Negotiate(version: 9, actions: 0xFFFFFFFF, protocol: 0xFFFFFFFF)));

    [Fact]
    public void An_MTA_that_wants_replies_hears_continue_after_each_command()
    {
        using var talk = new MilterTalk();
        Assert.Equal("O", talk.Say(MilterWire.Negotiate(protocol: 0)));
        Assert.Equal("c", talk.Say(MilterWire.Macros('C', "j", "mx.provider.example"), MilterWire.Connect()));
        Assert.Equal("c", talk.Say(MilterWire.Helo()));
        Assert.Equal("c", talk.Say(MilterWire.Mail()));
        Assert.Equal("cc", talk.Say(MilterWire.Recipient("<a@provider.example>"), MilterWire.Recipient("<b@provider.example>")));
        Assert.Equal("cc", talk.Say(MilterWire.Packet('T'), MilterWire.Packet('U', "XYZZY")));
        Assert.Equal("cccc", talk.Say(MilterWire.Content("Subject: x\r\nTo: y\r\n\r\nhello\r\n"u8)));
        Assert.Equal("", talk.Say(MilterWire.Abort()));
        Assert.Equal("", talk.Say(MilterWire.Quit()));
        Assert.Equal(MilterSessionEnd.Quit, talk.Result.End);
    }

    [Fact]
    public void An_MTA_that_needs_none_waits_for_the_end_of_the_message_alone()
    {
        using var talk = new MilterTalk();
        Assert.Equal("O", talk.Say(MilterWire.Negotiate()));
        Assert.Equal("", talk.Say(MilterWire.Connect(), MilterWire.Helo(), MilterWire.Mail(), MilterWire.Recipient("<a@provider.example>")));
        Assert.Equal("c", talk.Say(MilterWire.Content("Subject: x\r\n\r\nhello\r\n"u8)));
    }

    [Theory]
    [InlineData("version 1")]
    [InlineData("short")]
    [InlineData("none")]
    [InlineData("unknown command")]
    [InlineData("empty packet")]
    [InlineData("another protocol")]
    public void What_is_no_milter_protocol_ends_the_session(string what)
    {
        byte[] octets = what switch
        {
            "version 1" => MilterWire.Negotiate(version: 1),
            "short" => MilterWire.Packet('O', [0, 0, 0, 6, 0]),
            "none" => MilterWire.Connect(),
            "unknown command" => [.. MilterWire.Negotiate(), .. MilterWire.Packet('z')],
            "empty packet" => [.. MilterWire.Negotiate(), 0, 0, 0, 0],
            _ => "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
        };
        using var talk = new MilterTalk();
        talk.Say(octets);
        Assert.Equal(MilterSessionEnd.ProtocolError, talk.Result.End);
    }

    private static (uint Version, uint Actions, uint Protocol) Agreed(byte[] offer)
    {
        using var talk = new MilterTalk();
        talk.SayQuietly(offer);
        (char command, byte[] data) = Assert.Single(talk.HeardPackets());
        Assert.Equal('O', command);
        Assert.Equal(12, data.Length);
        return (BinaryPrimitives.ReadUInt32BigEndian(data), BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(4)), BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(8)));
    }
}
