namespace Postmaster.Fbl.Smtp;

/// <summary>What the session itself answers. Codes: RFC 5321 §4.2.3, RFC 2033 §4.2, RFC 3463.</summary>
internal static class LmtpReplies
{
    public static readonly SmtpReply Ok = new(250, "2.0.0", "OK");
    public static readonly SmtpReply SenderOk = new(250, "2.1.0", "Sender OK");
    public static readonly SmtpReply Help = new(214, "2.0.0", "LHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT");
    public static readonly SmtpReply Bye = new(221, "2.0.0", "Bye");

    // RFC 5321 §3.5.3: nothing is told about who exists.
    public static readonly SmtpReply CannotVerify = new(252, "2.0.0", "Send the mail and see");
    public static readonly SmtpReply StartData = new(354, null, "End with a dot on a line by itself");

    public static readonly SmtpReply LocalError = new(451, "4.3.0", "Local error, try again later");
    public static readonly SmtpReply TooManyRecipients = new(452, "4.5.3", "Too many recipients");
    public static readonly SmtpReply OutOfMemory = new(452, "4.3.1", "Not enough room now, try again later");

    public static readonly SmtpReply LineTooLong = new(500, "5.5.2", "Line too long");
    public static readonly SmtpReply BadOctets = new(500, "5.5.2", "A command is UTF-8 text that ends with CRLF");
    public static readonly SmtpReply UnknownCommand = new(500, "5.5.1", "Unknown command");

    // RFC 2033 §4.1: the server must not answer HELO and EHLO with 250; 500 is recommended.
    public static readonly SmtpReply NotSmtp = new(500, "5.5.1", "This is LMTP: begin with LHLO");
    public static readonly SmtpReply BadSyntax = new(501, "5.5.4", "Syntax error in parameters");
    public static readonly SmtpReply BadSender = new(501, "5.1.7", "Not an address");
    public static readonly SmtpReply BadRecipient = new(501, "5.1.3", "Not an address");
    public static readonly SmtpReply NotImplemented = new(502, "5.5.1", "Command not implemented");
    public static readonly SmtpReply NeedLhlo = new(503, "5.5.1", "Begin with LHLO");
    public static readonly SmtpReply NeedMail = new(503, "5.5.1", "Begin with MAIL FROM");
    public static readonly SmtpReply NestedMail = new(503, "5.5.1", "A message is already under way");
    public static readonly SmtpReply NoValidRecipients = new(503, "5.5.1", "No valid recipients");
    public static readonly SmtpReply TooLarge = new(552, "5.3.4", "Message too large");

    // RFC 6531 §3.5
    public static readonly SmtpReply NeedsSmtpUtf8 = new(553, "5.6.7", "Such an address needs SMTPUTF8");
    public static readonly SmtpReply UnknownParameter = new(555, "5.5.4", "Unknown parameter");

    /// <summary>The last words for each kind of end; null where nobody is there to hear.</summary>
    public static SmtpReply? For(LmtpSessionEnd end) => end switch
    {
        LmtpSessionEnd.Quit => Bye,
        LmtpSessionEnd.IdleTimeout or LmtpSessionEnd.DataTimeout => new SmtpReply(421, "4.4.2", "Time-out"),
        LmtpSessionEnd.SessionTimeout => new SmtpReply(421, "4.7.0", "Session too long"),
        LmtpSessionEnd.TooManyErrors => new SmtpReply(421, "4.7.0", "Too many errors"),
        LmtpSessionEnd.TooManyMessages => new SmtpReply(421, "4.7.0", "Enough messages for one session, connect again"),
        LmtpSessionEnd.Flooded => new SmtpReply(421, "4.7.0", "Too much input"),
        LmtpSessionEnd.HostStopping => new SmtpReply(421, "4.3.2", "Shutting down, try again later"),
        _ => null,
    };
}
