using System.Buffers.Binary;

namespace Postmaster.Fbl.Milter;

/// <summary>What MTA and filter agreed on at the start of a connection (<c>SMFIC_OPTNEG</c>).</summary>
internal sealed record MilterTerms(uint Version, MilterProtocol Protocol)
{
    /// <summary>The newest version, of Sendmail 8.14.</summary>
    public const uint NewestVersion = 6;

    /// <summary>The oldest that an MTA in use offers.</summary>
    public const uint OldestVersion = 2;

    private const int WordOctets = 4;
    private const int OptionOctets = 3 * WordOctets;

    /// <summary>Everything that saves the MTA from waiting for us, and every fact that it has.</summary>
    private const MilterProtocol Wanted = MilterProtocol.NoUnknown | MilterProtocol.NoData | MilterProtocol.RefusedRecipients | MilterProtocol.LeadingSpace
        | MilterProtocol.NoReplyConnect | MilterProtocol.NoReplyHelo | MilterProtocol.NoReplyMail | MilterProtocol.NoReplyRecipient | MilterProtocol.NoReplyData
        | MilterProtocol.NoReplyUnknown | MilterProtocol.NoReplyHeader | MilterProtocol.NoReplyEndOfHeader | MilterProtocol.NoReplyBody;

    /// <summary>False when the offer is none, or too old.</summary>
    public static bool TryAgree(ReadOnlySpan<byte> offer, out MilterTerms terms)
    {
        terms = new MilterTerms(0, MilterProtocol.None);
        if (offer.Length < OptionOctets)
            return false;
        var version = BinaryPrimitives.ReadUInt32BigEndian(offer);
        if (version < OldestVersion)
            return false;
        var offered = (MilterProtocol)BinaryPrimitives.ReadUInt32BigEndian(offer[(2 * WordOctets)..]);
        terms = new MilterTerms(Math.Min(version, NewestVersion), offered & Wanted);
        return true;
    }

    /// <summary>The body of our answer. It asks for no action at all: nothing of the mail can be changed over this connection.</summary>
    public byte[] ToOptions()
    {
        var options = new byte[OptionOctets];
        BinaryPrimitives.WriteUInt32BigEndian(options, Version);
        BinaryPrimitives.WriteUInt32BigEndian(options.AsSpan(2 * WordOctets), (uint)Protocol);
        return options;
    }

    /// <summary>Whether the MTA waits for a reply.</summary>
    public bool Expects(MilterCommand command) => command switch
    {
        MilterCommand.EndOfMessage => true,
        MilterCommand.Connect => !Agreed(MilterProtocol.NoReplyConnect),
        MilterCommand.Helo => !Agreed(MilterProtocol.NoReplyHelo),
        MilterCommand.Mail => !Agreed(MilterProtocol.NoReplyMail),
        MilterCommand.Recipient => !Agreed(MilterProtocol.NoReplyRecipient),
        MilterCommand.Data => !Agreed(MilterProtocol.NoReplyData),
        MilterCommand.Unknown => !Agreed(MilterProtocol.NoReplyUnknown),
        MilterCommand.Header => !Agreed(MilterProtocol.NoReplyHeader),
        MilterCommand.EndOfHeader => !Agreed(MilterProtocol.NoReplyEndOfHeader),
        MilterCommand.Body => !Agreed(MilterProtocol.NoReplyBody),
        _ => false, // Abort, Macro, Quit
    };

    public bool Agreed(MilterProtocol flag) => (Protocol & flag) != MilterProtocol.None;
}
