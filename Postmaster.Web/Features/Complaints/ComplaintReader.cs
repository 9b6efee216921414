using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>What one look at a message gives, before anybody is asked about its signatures. Texts are outside text in one clean line.</summary>
internal sealed record ReadComplaint
{
    public required RawMessage Message { get; init; }
    public required byte[] MessageKey { get; init; }
    public required TraceFacts Trace { get; init; }

    /// <summary>By when it was there: its arrival as far as anybody says, else when the user pressed.</summary>
    public required DateTimeOffset ThereAt { get; init; }

    /// <summary>When it was handed in, by our own clock.</summary>
    public required DateTimeOffset HandedInAt { get; init; }

    public string? Subject { get; init; }
    public string? MessageId { get; init; }
    public string? ListId { get; init; }
    public string? FeedbackId { get; init; }
    public string? CfblFeedbackId { get; init; }

    /// <summary>The single From address (RFC 5322 §3.6.2); null when there is none or more than one.</summary>
    public MailAddress? Author { get; init; }
}

/// <summary>Reads the offending message. Knows no DNS and no database.</summary>
internal sealed class ComplaintReader(IOptions<ProviderOptions> provider)
{
    private const string Taken = "[…]";

    /// <summary>What people read has no pseudonyms: these go at once, and nobody can tell them again.</summary>
    private readonly RedactionKey _hiding = new(RandomNumberGenerator.GetBytes(RedactionKey.Length));

    /// <param name="mailbox">The complainer's address; it is taken out of what people will read.</param>
    public ReadComplaint Read(KeptComplaint kept, ReadOnlyMemory<byte> octets, MailAddress mailbox)
    {
        RawMessage message = MessageReader.Read(octets);
        HeaderBlock headers = message.Headers;
        List<MailAddress> complainers = ReportComposer.Complainers(headers, mailbox);
        var lines = new LineRedactor(complainers, _hiding);
        TraceFacts claimed = TraceFacts.Read(headers, IsOurs);
        return new ReadComplaint
        {
            Message = message,
            MessageKey = Complaints.MessageKey.Of(message),
            // A message that a user attached may say of its way whatever the user likes: no address of a host is believed, and no bounce
            // address that names another subscriber.
            Trace = kept.Door is IntakeDoor.Lmtp ? claimed with { SourceIp = null, ReturnPath = OwnBounceAddress(claimed.ReturnPath, mailbox) } : claimed,
            // RFC 6376 §3.5: x= looks at the time of arrival. A user who makes it earlier gains nothing: the signature is there.
            ThereAt = claimed.ArrivedAt is { } arrived && arrived < kept.PressedAt ? arrived : kept.PressedAt,
            HandedInAt = kept.ReceivedAt,
            Subject = Line(headers.First("Subject")?.Decoded, complainers, lines),
            MessageId = Line(headers.First("Message-ID")?.Unfolded.Trim('<', '>', ' '), complainers, lines),
            ListId = Line(ListIdOf(headers.First("List-ID")?.Unfolded), complainers, lines),
            FeedbackId = Line(headers.First("Feedback-ID")?.Unfolded, complainers, lines),
            CfblFeedbackId = Line(CfblFeedbackIdOf(headers.First(CfblAddress.FeedbackIdFieldName)), complainers, lines),
            Author = AuthorOf(headers),
        };
    }

    /// <summary>Whether a host in a Received field is the provider's.</summary>
    internal bool IsOurs(string host)
    {
        ProviderOptions options = provider.Value;
        return options.AuthservIds.Contains(host, StringComparer.OrdinalIgnoreCase)
            || options.BorderHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            || (DomainName.TryParse(host, out DomainName? name, out _) && OwnDomains.Of(options).Any(name.IsEqualOrSubdomainOf));
    }

    /// <summary>
    /// The return-path unless it spells out a recipient (VERP, <c>bounce-bob=provider.example@</c>) who is not the complainer: with it the complainer
    /// could have somebody else taken off a list.
    /// </summary>
    internal static string? OwnBounceAddress(string? returnPath, MailAddress mailbox)
    {
        if (returnPath is null || !MailAddress.TryParse(returnPath, out MailAddress? bounce, out _))
            return returnPath is "" ? returnPath : null;
        // BATV writes prvs=TAG= before the address: no recipient stands there.
        string local = bounce.LocalPart.StartsWith("prvs=", StringComparison.OrdinalIgnoreCase) ? bounce.LocalPart[(bounce.LocalPart.LastIndexOf('=') + 1)..] : bounce.LocalPart;
        bool namesSomebody = local.Contains('=', StringComparison.Ordinal) || local.Contains("-at-", StringComparison.OrdinalIgnoreCase);
        bool namesComplainer = local.Contains($"{mailbox.LocalPart}=", StringComparison.OrdinalIgnoreCase) && local.Contains(mailbox.Domain.Ascii, StringComparison.OrdinalIgnoreCase);
        return namesSomebody && !namesComplainer ? null : returnPath;
    }

    // RFC 2919 §3: the identifier stands between angle brackets, a phrase before it is for people.
    private static string? ListIdOf(string? field) =>
        field is not null && field.LastIndexOf('<') is var open and >= 0 ? field[(open + 1)..].TrimEnd().TrimEnd('>') : field;

    // RFC 9477 §5.2: white space and comments are no part of it. One that breaks the rules is shown as it stands.
    private static string? CfblFeedbackIdOf(HeaderField? field) =>
        field is not null && CfblFieldReader.TryReadFeedbackId(field.RawValue.Span, out string? id, out _) ? id : field?.Unfolded;

    private static MailAddress? AuthorOf(HeaderBlock headers)
    {
        IReadOnlyList<ListedMailbox> from = AddressListReader.Read(headers, "From");
        return headers.Count("From") == 1 && from.Count == 1 && MailAddress.TryParse(from[0].AddrSpec, out MailAddress? author, out _) ? author : null;
    }

    private string? Line(string? text, List<MailAddress> complainers, LineRedactor lines)
    {
        if (text is null)
            return null;
        string line = HeaderWriter.Clean(text);
        line = line.Length <= MaxText ? line : line[..MaxText];
        foreach (MailAddress address in complainers)
        {
            line = line.Replace(address.ToString(), Taken, StringComparison.OrdinalIgnoreCase)
                .Replace($"{address.LocalPart}@{address.Domain.Unicode}", Taken, StringComparison.OrdinalIgnoreCase);
        }

        line = lines.Redact(line);
        foreach (MailAddress address in complainers)
            line = line.Replace(_hiding.Pseudonym(address), Taken, StringComparison.Ordinal);
        return line.Length <= MaxText ? line : line[..MaxText];
    }

    /// <summary>Characters that the database takes.</summary>
    private const int MaxText = 900;
}

/// <summary>The domains that the provider itself sends from.</summary>
internal static class OwnDomains
{
    public static IEnumerable<DomainName> Of(ProviderOptions options)
    {
        foreach (string text in (string[])[options.Domain, options.MailDomain])
        {
            if (DomainName.TryParse(text, out DomainName? name, out _))
                yield return name;
        }
    }
}
