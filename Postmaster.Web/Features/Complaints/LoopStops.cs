using Microsoft.Extensions.Options;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>Messages that must never lead to a report, because the report could come back as the next complaint.</summary>
internal sealed class LoopStops(IOptions<ProviderOptions> provider)
{
    /// <summary>Words for the operator; null when a report does no harm.</summary>
    /// <param name="passing">Domains whose signature passed.</param>
    public string? Reason(ReadComplaint read, IReadOnlyList<DomainName> passing, MailAddress mailbox)
    {
        HeaderBlock headers = read.Message.Headers;
        if (read.Message.Root.ContentType.Is("multipart", "report"))
            return "the message is itself a report";
        if (headers.First("Return-Path") is { } path && path.Unfolded.Trim() is "<>")
            return "the message has the null return-path: a bounce or an automatic answer";
        if (headers.First("Auto-Submitted") is { } auto && !IsNo(auto.Unfolded))
            return "the message says that a machine answered or notified (Auto-Submitted)";
        return OwnMail(read, passing, mailbox);
    }

    private string? OwnMail(ReadComplaint read, IReadOnlyList<DomainName> passing, MailAddress mailbox)
    {
        string portal = provider.Value.Domain;
        if (read.Message.Headers.All(ReportMark.FieldName).Any(f => string.Equals(f.Unfolded, ReportMark.Value(portal), StringComparison.OrdinalIgnoreCase)))
            return "the message is a report of our own";
        if (DomainName.TryParse(portal, out DomainName? own, out _))
        {
            if (passing.Contains(own) || own.Equals(read.Author?.Domain))
                return "the message is mail of this portal";
        }

        // A forged From must not save a spammer: the mail is the provider's own only when its signature says so, too.
        if (read.Author is { } author && author.Domain.Equals(mailbox.Domain) && passing.Contains(author.Domain))
            return "the message is mail of the mailbox's own domain";
        return null;
    }

    // RFC 3834 §5: a keyword, perhaps with parameters and comments.
    private static bool IsNo(string value)
    {
        int end = value.AsSpan().IndexOfAny(" ;(\t");
        return (end < 0 ? value : value[..end]).Equals("no", StringComparison.OrdinalIgnoreCase);
    }
}
