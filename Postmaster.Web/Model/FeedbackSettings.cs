namespace Postmaster.Web.Model;

/// <summary>How much of the message that was complained about goes into a report: from the most to the least.</summary>
public enum ReportShape
{
    FullMessage,
    HeadersOnly,

    /// <summary>Message-ID, List-Id, Feedback-ID, CFBL-Feedback-ID and the date of arrival.</summary>
    Identifiers,
}

/// <summary>How a report by mail is written.</summary>
public enum ReportFormat
{
    /// <summary>RFC 5965.</summary>
    Arf,

    /// <summary>XARF version 4: JSON.</summary>
    Xarf,
}

/// <summary>What the reports of one claim look like. Without a row: the whole message as far as the provider lets it out, its recipient redacted.</summary>
public sealed class FeedbackSettings
{
    public required Guid ClaimId { get; init; }

    /// <summary>The owner's wish; <c>Reports:IncludeBody</c> bounds it.</summary>
    public ReportShape Shape { get; set; }

    public ReportFormat Format { get; set; }

    /// <summary>The owner's wish to be told the recipient in clear; it holds only with <see cref="ClearAllowed"/>.</summary>
    public bool WantsClear { get; set; }

    /// <summary>The operator lets the recipient out in clear for this claim.</summary>
    public bool ClearAllowed { get; set; }

    /// <summary>Reports of type not-spam (RFC 6430) when somebody takes a message out of Junk.</summary>
    public bool WantsNotSpam { get; set; }

    /// <summary>No report goes out by mail, though there is an address: webhooks, the digest or the API tell of complaints.</summary>
    public bool MailOff { get; set; }

    public bool IsClear => WantsClear && ClearAllowed;
}
