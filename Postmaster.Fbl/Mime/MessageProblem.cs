namespace Postmaster.Fbl.Mime;

/// <summary>Something in a message that is against the standards, or that was not walked because of a limit.</summary>
/// <param name="Code">One of the constants of <see cref="MessageProblemCodes"/>; never outside text.</param>
/// <param name="Offset">Octets from the start of the message.</param>
public readonly record struct MessageProblem(string Code, int Offset);

/// <summary>Every code that <see cref="MessageReader"/> reports.</summary>
public static class MessageProblemCodes
{
    /// <summary>The message is longer than <see cref="MessageLimits.MaxMessageBytes"/>; its parts were not looked for.</summary>
    public const string MessageTooLarge = "message-too-large";

    /// <summary>An mbox separator ("From " with no colon) stood on top; it is no field and was skipped.</summary>
    public const string MboxLine = "mbox-from-line";

    /// <summary>A line of the header is neither a field nor a folded one; the body begins with it.</summary>
    public const string LineWithoutColon = "header-line-without-colon";

    /// <summary>The header ends with the message: no blank line, no body.</summary>
    public const string NoBlankLine = "no-blank-line";

    public const string BareCarriageReturn = "bare-cr-in-header";
    public const string BareLineFeed = "bare-lf";
    public const string NulInHeader = "nul-in-header";

    /// <summary>RFC 5322 §2.1.1: a line over 998 octets in the header.</summary>
    public const string LongHeaderLine = "header-line-too-long";

    public const string TooManyFields = "too-many-header-fields";
    public const string HeaderTooLarge = "header-too-large";
    public const string TooManyParts = "too-many-parts";
    public const string TooDeep = "nested-too-deep";

    /// <summary>A multipart that names no boundary, or one that is too long; read as one opaque part.</summary>
    public const string NoBoundary = "multipart-without-boundary";

    /// <summary>The multipart's boundary never occurs.</summary>
    public const string NoParts = "multipart-without-parts";

    /// <summary>The multipart ends without its closing delimiter.</summary>
    public const string NotClosed = "multipart-not-closed";

    /// <summary>Something was not read; each is reported however many problems there are.</summary>
    internal static readonly IReadOnlyList<string> Limits = [MessageTooLarge, TooManyParts, TooDeep, TooManyFields, HeaderTooLarge];
}
