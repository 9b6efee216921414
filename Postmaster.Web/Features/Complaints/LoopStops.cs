using Microsoft.Extensions.Options;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>Why a complaint about a message must not lead to a report.</summary>
/// <param name="Reason">Words for owner and operator; no outside text.</param>
/// <param name="Counts">
/// Whether the complaint counts all the same. It does wherever the sender could have written what stops the report: a field of his
/// must not free him from complaints.
/// </param>
internal sealed record LoopStop(string Reason, bool Counts);

/// <summary>Messages that must never lead to a report, because the report could come back as the next complaint.</summary>
internal sealed class LoopStops(IOptions<ProviderOptions> provider)
{
    /// <summary>Null when a report does no harm.</summary>
    /// <param name="passing">Domains whose signature passed.</param>
    public LoopStop? Find(ReadComplaint read, IReadOnlyList<DomainName> passing, MailAddress mailbox)
    {
        DomainName? portal = DomainName.TryParse(provider.Value.Domain, out DomainName? own, out _) ? own : null;
        if (portal is not null && passing.Contains(portal))
            return new LoopStop("the message is mail of this portal", Counts: false);
        // A forged From does not make it the provider's own mail: the signature has to say so, too.
        if (read.Author is { } author && author.Domain.Equals(mailbox.Domain) && passing.Contains(author.Domain))
            return new LoopStop("the message is mail of the mailbox's own domain", Counts: false);
        return Said(read, portal) is { } reason ? new LoopStop(reason, Counts: true) : null;
    }

    /// <summary>What the message says of itself.</summary>
    private static string? Said(ReadComplaint read, DomainName? portal)
    {
        HeaderBlock headers = read.Message.Headers;
        if (read.Message.Root.ContentType.Is("multipart", "report"))
            return "the message is itself a report";
        if (headers.First("Return-Path") is { } path && path.Unfolded.Trim() is "<>")
            return "the message has the null return-path: a bounce or an automatic answer";
        if (headers.First("Auto-Submitted") is { } auto && !IsNo(auto.Unfolded))
            return "the message says that a machine answered or notified (Auto-Submitted)";
        if (portal is null)
            return null;
        if (headers.All(ReportMark.FieldName).Any(f => string.Equals(f.Unfolded, ReportMark.Value(portal.Ascii), StringComparison.OrdinalIgnoreCase)))
            return "the message bears the mark of our own reports";
        return portal.Equals(read.Author?.Domain) ? "the message says that it is from this portal" : null;
    }

    // RFC 3834 §5: a keyword, perhaps with parameters and comments.
    private static bool IsNo(string value)
    {
        int end = value.AsSpan().IndexOfAny(" ;(\t");
        return (end < 0 ? value : value[..end]).Equals("no", StringComparison.OrdinalIgnoreCase);
    }
}
