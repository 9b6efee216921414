namespace Postmaster.Fbl.Milter;

/// <summary>What the MTA says: <c>SMFIC_*</c> of <c>mfdef.h</c>. The octet after a packet's length.</summary>
internal enum MilterCommand : byte
{
    /// <summary>The transaction is over without a message; also sent after one, to be sure.</summary>
    Abort = (byte)'A',
    Body = (byte)'B',
    Connect = (byte)'C',

    /// <summary>Values of macros for the command that follows.</summary>
    Macro = (byte)'D',

    /// <summary>May carry the last of the body.</summary>
    EndOfMessage = (byte)'E',
    Helo = (byte)'H',

    /// <summary>The SMTP session is over, another one follows on the same connection.</summary>
    QuitNewConnection = (byte)'K',
    Header = (byte)'L',
    Mail = (byte)'M',
    EndOfHeader = (byte)'N',
    Negotiate = (byte)'O',
    Quit = (byte)'Q',
    Recipient = (byte)'R',
    Data = (byte)'T',

    /// <summary>The SMTP client said something that the MTA does not know.</summary>
    Unknown = (byte)'U',
}

/// <summary>What the filter says: <c>SMFIR_*</c>. There are more, all of which refuse or change mail.</summary>
internal enum MilterReply : byte
{
    Continue = (byte)'c',
}

/// <summary>What the MTA can do, and of that, what the filter asks for: <c>SMFIP_*</c>.</summary>
[Flags]
internal enum MilterProtocol : uint
{
    None = 0,

    /// <summary>Headers need no reply.</summary>
    NoReplyHeader = 0x80,

    /// <summary>Unknown SMTP commands are not told.</summary>
    NoUnknown = 0x100,

    /// <summary>DATA is not told.</summary>
    NoData = 0x200,

    /// <summary>Recipients that the MTA refuses are told, too.</summary>
    RefusedRecipients = 0x800,
    NoReplyConnect = 0x1000,
    NoReplyHelo = 0x2000,
    NoReplyMail = 0x4000,
    NoReplyRecipient = 0x8000,
    NoReplyData = 0x10000,
    NoReplyUnknown = 0x20000,
    NoReplyEndOfHeader = 0x40000,
    NoReplyBody = 0x80000,

    /// <summary>A header's value comes with the blank after the colon, if there was one: without it signatures that are "simple" could not be checked.</summary>
    LeadingSpace = 0x100000,
}
