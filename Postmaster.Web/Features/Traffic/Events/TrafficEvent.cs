namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>
/// An event as a source inside the product hands it in (the milter, rspamd's and Dovecot's doors, the demo); <see cref="TrafficEventWriter"/> makes it a line.
/// Null means that the source does not know. Help/events.md says what each field means.
/// </summary>
public sealed record TrafficEvent
{
    public required EventKind Kind { get; init; }
    public required DateTimeOffset Time { get; init; }

    /// <summary>Address of the client.</summary>
    public string? Ip { get; init; }

    public string? Helo { get; init; }

    /// <summary>The reverse-path; empty for <c>&lt;&gt;</c>.</summary>
    public string? MailFrom { get; init; }

    public string? Rcpt { get; init; }

    /// <summary>The author domain (RFC5322.From).</summary>
    public string? FromDomain { get; init; }

    /// <summary>Empty: there were no signatures. Null: the header was not seen.</summary>
    public IReadOnlyList<SignatureEvent>? Dkim { get; init; }

    public AuthenticationWord Spf { get; init; }
    public AuthenticationWord Dmarc { get; init; }

    /// <summary>The version, <c>none</c> without.</summary>
    public string? Tls { get; init; }

    public long? Size { get; init; }

    /// <summary>Of a delivered message.</summary>
    public MailFolder? Folder { get; init; }

    /// <summary>Of a rejected message.</summary>
    public RejectReason? Reason { get; init; }

    public string? ListId { get; init; }
    public string? FeedbackId { get; init; }

    /// <summary><c>X-Postmaster-Msgtype</c>, else <c>X-Mailru-Msgtype</c>.</summary>
    public string? MessageType { get; init; }

    public string? MessageId { get; init; }

    /// <summary>Whose mailbox a later event speaks of.</summary>
    public string? Mailbox { get; init; }

    /// <summary>Whether it can be unsubscribed from by one click (RFC 8058).</summary>
    public bool? OneClick { get; init; }

    /// <summary><c>ok</c>, or a code of what is wrong with the format (RFC 5322).</summary>
    public string? Format { get; init; }

    /// <summary>Whether the reverse name of <see cref="Ip"/> leads back to it.</summary>
    public bool? ReverseLeadsBack { get; init; }
}

/// <param name="Domain"><c>d=</c>.</param>
/// <param name="Selector"><c>s=</c>.</param>
public sealed record SignatureEvent(string Domain, string? Selector, AuthenticationWord Result);
