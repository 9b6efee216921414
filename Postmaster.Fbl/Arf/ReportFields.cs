using System.Globalization;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arf;

/// <summary>The fields of one message/feedback-report part, picked by name and put into a report.</summary>
internal sealed class ReportFields
{
    /// <summary>Fields that are read; stops a report that is a field bomb.</summary>
    private const int MaxFields = 1_000;

    private readonly List<HeaderField> fields;
    private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ParseProblem> problems;
    private readonly int offset;

    public ReportFields(MimePart part, List<ParseProblem> problems)
    {
        this.problems = problems;
        offset = part.BodyOffset;
        part.TryDecode(out var content);
        fields = ReadAll(content);
    }

    public FeedbackReport ApplyTo(FeedbackReport report)
    {
        var filled = report with
        {
            FeedbackType = Once("Feedback-Type") is { } type ? FieldText.FirstWord(type).ToLowerInvariant() : null,
            UserAgent = Once("User-Agent"),
            Version = Once("Version") is { } version ? FieldText.FirstWord(version) : null,
            OriginalEnvelopeId = Once("Original-Envelope-Id"),
            OriginalMailFrom = Once("Original-Mail-From") is { } from ? FieldText.Path(from) : null,
            ArrivalDate = ReadArrivalDate(),
            ReportingMta = Once("Reporting-MTA") is { } mta ? FieldText.AfterType(mta) : null,
            SourceIp = Read("Source-IP", FeedbackReportProblems.BadSourceIp, FieldText.Ip),
            SourcePort = Read<int?>("Source-Port", FeedbackReportProblems.BadSourcePort,
                text => ushort.TryParse(FieldText.FirstWord(text), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null),
            Incidents = Read<uint?>("Incidents", FeedbackReportProblems.BadIncidents,
                text => uint.TryParse(FieldText.FirstWord(text), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null),
            AuthenticationResults = All("Authentication-Results", text => text),
            OriginalRcptTo = All("Original-Rcpt-To", FieldText.Path),
            ReportedDomain = All("Reported-Domain", FieldText.FirstWord),
            ReportedUri = All("Reported-URI", text => text),
            AuthFailure = ReadAuthFailure(),
        };
        Require(filled.FeedbackType, FeedbackReportProblems.NoFeedbackType);
        Require(filled.UserAgent, FeedbackReportProblems.NoUserAgent);
        Require(filled.Version, FeedbackReportProblems.NoVersion);
        return filled with { Extensions = [.. fields.Where(field => !known.Contains(field.Name)).Select(field => new FeedbackReportExtension(field.Name, field.Unfolded))] };
    }

    /// <summary>Blank lines between the fields and lines that are none are passed over.</summary>
    private static List<HeaderField> ReadAll(ReadOnlyMemory<byte> content)
    {
        var found = new List<HeaderField>();
        var position = 0;
        while (position < content.Length && found.Count < MaxFields)
        {
            var reader = new HeaderReader(content, position, MessageLimits.Default);
            found.AddRange(reader.Read(static (_, _) => { }, isMessage: false));
            if (reader.BodyOffset == position)
            {
                var lineEnd = content.Span[position..].IndexOf((byte)'\n');
                position = lineEnd < 0 ? content.Length : position + lineEnd + 1;
            }
            else
            {
                position = reader.BodyOffset;
            }
        }
        return found;
    }

    private string? Once(string name)
    {
        known.Add(name);
        HeaderField? first = null;
        foreach (var field in fields)
        {
            if (!field.Is(name))
                continue;
            if (first is not null)
            {
                problems.Add(new ParseProblem(FeedbackReportProblems.RepeatedField, offset + field.Offset));
                break;
            }
            first = field;
        }
        return string.IsNullOrEmpty(first?.Unfolded) ? null : first.Unfolded;
    }

    private T? Read<T>(string name, string problem, Func<string, T?> read)
    {
        if (Once(name) is not { } text)
            return default;
        var value = read(text);
        if (value is null)
            problems.Add(new ParseProblem(problem, offset));
        return value;
    }

    private List<string> All(string name, Func<string, string> read)
    {
        known.Add(name);
        return [.. fields.Where(field => field.Is(name)).Select(field => read(field.Unfolded)).Where(text => text.Length > 0)];
    }

    /// <summary>RFC 5965 §3.2: Received-Date is the older name of Arrival-Date.</summary>
    private DateTimeOffset? ReadArrivalDate()
    {
        var arrival = Once("Arrival-Date");
        var received = Once("Received-Date");
        if (arrival is not null && received is not null)
            problems.Add(new ParseProblem(FeedbackReportProblems.TwoArrivalDates, offset));
        if ((arrival ?? received) is not { } text)
            return null;
        if (MailDate.TryParse(text, out var date))
            return date;
        problems.Add(new ParseProblem(FeedbackReportProblems.BadArrivalDate, offset));
        return null;
    }

    private AuthFailureDetails? ReadAuthFailure()
    {
        var details = new AuthFailureDetails
        {
            Kind = Once("Auth-Failure") is { } kind ? FieldText.FirstWord(kind).ToLowerInvariant() : null,
            DeliveryResult = Once("Delivery-Result") is { } result ? FieldText.FirstWord(result).ToLowerInvariant() : null,
            IdentityAlignment = Once("Identity-Alignment"),
            DkimDomain = Once("DKIM-Domain"),
            DkimIdentity = Once("DKIM-Identity"),
            DkimSelector = Once("DKIM-Selector"),
            DkimSelectorDns = Once("DKIM-Selector-DNS"),
            DkimAdspDns = Once("DKIM-ADSP-DNS"),
            DkimCanonicalizedHeader = Once("DKIM-Canonicalized-Header") is { } header ? FieldText.WithoutWhite(header) : null,
            DkimCanonicalizedBody = Once("DKIM-Canonicalized-Body") is { } body ? FieldText.WithoutWhite(body) : null,
        };
        var spf = All("SPF-DNS", text => text);
        return details == new AuthFailureDetails() && spf.Count == 0 ? null : details with { SpfDns = spf };
    }

    private void Require(string? value, string problem)
    {
        if (value is null)
            problems.Add(new ParseProblem(problem, offset));
    }
}
