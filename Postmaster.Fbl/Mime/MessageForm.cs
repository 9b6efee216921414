using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Mime;

/// <summary>A way in which a message breaks the format of mail.</summary>
/// <param name="Code">Stable, for programs: <c>no_from</c>, <c>repeated_subject</c>, <c>long_lines</c>.</param>
/// <param name="IsGrave">Receivers refuse such mail, or show it wrongly.</param>
/// <param name="Field">The one that stands there too often; else null.</param>
/// <param name="Offset">Where in the message, of what has one place and no field; else null.</param>
public sealed record FormViolation(string Code, bool IsGrave, string? Field = null, int? Offset = null);

/// <summary>Whether a message has the form that RFC 5322 asks for: its fields, its lines, its octets. How its parts are built is another matter.</summary>
public sealed class MessageForm
{
    /// <summary>Of a header with octets above 127, which SMTPUTF8 allows (RFC 6532 §3.2).</summary>
    public const string EightBitHeader = "eight_bit_header";

    /// <summary>RFC 5322 §3.6; the last three: RFC 2045 §3.</summary>
    private static readonly string[] Once =
        ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];

    /// <summary>What keeps the header from being read as it was meant. Line ends are judged over the whole message.</summary>
    private static readonly HashSet<string> OfHeader = new(StringComparer.Ordinal)
    {
        MessageProblemCodes.MboxLine, MessageProblemCodes.LineWithoutColon, MessageProblemCodes.NoBlankLine, MessageProblemCodes.NulInHeader,
        MessageProblemCodes.TooManyFields, MessageProblemCodes.HeaderTooLarge, MessageProblemCodes.MessageTooLarge,
    };

    private readonly List<FormViolation> _violations = [];

    public MessageForm(RawMessage message)
    {
        Lines = MessageLines.Of(message);
        CheckFields(message.Headers);
        CheckLines();
        if (message.Headers.Any(HasEightBit))
            Add(EightBitHeader); // RFC 2047 §2
        foreach (var problem in message.Problems.Where(p => OfHeader.Contains(p.Code)).DistinctBy(p => p.Code, StringComparer.Ordinal))
            _violations.Add(new FormViolation(problem.Code.Replace('-', '_'), IsGrave: false, Offset: problem.Offset));
    }

    public MessageLines Lines { get; }

    /// <summary>Each code once, in the order of the message's parts: fields, lines, octets.</summary>
    public IReadOnlyList<FormViolation> Violations => _violations;

    /// <summary>The domain of From; null unless there is one field with one domain.</summary>
    public static DomainName? AuthorDomainOf(HeaderBlock headers)
        => headers.Count("From") == 1 && AddressListReader.Read(headers, "From").Select(m => m.Domain).Distinct().ToList() is [{ } only] ? only : null;

    public static bool HasEightBit(HeaderField field) => field.Raw.Span.ContainsAnyExceptInRange((byte)0, (byte)127);

    private void CheckFields(HeaderBlock headers)
    {
        foreach (var name in Once.Where(n => headers.Count(n) > 1))
            _violations.Add(new FormViolation("repeated_" + name.ToLowerInvariant().Replace('-', '_'), IsGrave: name is "From", name));
        if (headers.First("From") is null)
            Add("no_from", isGrave: true);
        else if (headers.Count("From") == 1 && AuthorDomainOf(headers) is null)
            Add("bad_from", isGrave: true); // RFC 5322 §3.6.2
        if (headers.First("Date") is not { } date)
            Add("no_date", isGrave: true); // RFC 5322 §3.6.1
        else if (!MailDate.TryParse(date.Unfolded, out _))
            Add("bad_date");
        if (headers.First("Message-ID") is not { } id)
            Add("no_message_id"); // RFC 5322 §3.6.4 says SHOULD; who counts mail needs it
        else if (id.Unfolded is not ['<', .., '>'] || id.Unfolded.Count(c => c == '@') != 1 || id.Unfolded.Any(char.IsWhiteSpace))
            Add("bad_message_id");
    }

    private void CheckLines()
    {
        if (Lines.TooLong > 0)
            Add("long_lines", isGrave: true); // RFC 5322 §2.1.1
        if (Lines.BareCarriageReturns > 0)
            Add("bare_cr", isGrave: true); // RFC 5322 §2.3
        if (Lines.BareLineFeeds > 0 && Lines.LineEnds > Lines.BareLineFeeds)
            Add("mixed_line_ends");
        if (Lines.Nul >= 0)
            Add("nul"); // RFC 5322 §4
    }

    private void Add(string code, bool isGrave = false) => _violations.Add(new FormViolation(code, isGrave));
}
