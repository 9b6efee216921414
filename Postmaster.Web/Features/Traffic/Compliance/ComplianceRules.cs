using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Compliance;

/// <summary>How a requirement is kept.</summary>
public enum Kept
{
    /// <summary>Nothing is known of it.</summary>
    Unknown,

    Yes,

    /// <summary>Not yet to the point where it harms.</summary>
    Nearly,

    No,
}

/// <summary>One of the eleven requirements, and how a domain's mail keeps it.</summary>
/// <param name="Failing">The share of the mail that fails; null: not known, hidden, or not a matter of mail.</param>
/// <param name="Hidden">Why the share is not told.</param>
/// <param name="Dns">What DNS says to it, as sentences.</param>
public sealed record RequirementState(RequirementRule Rule, Kept Kept, Rate? Failing, HiddenWhy? Hidden, IReadOnlyList<string> Dns, FailedMail? Example)
{
    public Requirement Requirement => Rule.Requirement;
}

/// <summary>The first mail of the latest day that broke a requirement.</summary>
/// <param name="MessageId">Outside text.</param>
/// <param name="Reason">What was found.</param>
public sealed record FailedMail(DateTimeOffset Time, string? MessageId, string? Ip, string Reason);

/// <summary>What is asked, from when on it is not kept, and what to do.</summary>
/// <param name="Slug">Names it in a URL.</param>
/// <param name="Good">The share that may fail; null: DNS alone decides.</param>
/// <param name="Bad">From here on it harms; null: it never does by itself.</param>
/// <param name="DnsCodes">Findings of DNS that speak of it: those that break it begin with <c>!</c>.</param>
public sealed record RequirementRule(
    Requirement Requirement, string Slug, string Title, string Asked, double? Good, double? Bad, string Advice, Func<VisibleTraffic, Rate?>? Failing, params string[] DnsCodes);

/// <summary>
/// The requirements that the large providers publish (eleven in Google's second Postmaster API), held against the mail that is authenticated as the
/// domain and against DNS; pure.
/// </summary>
public static class ComplianceRules
{
    /// <summary>Of the mail, as much may fail by accident; from the second on it is no accident.</summary>
    private const double Slip = 0.01, Fault = 0.05;

    public static IReadOnlyList<RequirementRule> All { get; } =
    [
        new(Requirement.Spf, "spf", "SPF", "The envelope sender’s domain says in DNS which hosts may send for it (RFC 7208), and those that do are among them.", Slip, Fault,
            "Publish one TXT record that names every host and service that sends for the domain: v=spf1 … -all. Mail counts by DKIM too, but both are asked for.",
            t => Failing(t, TrafficCounter.SpfPass, TrafficCounter.SpfKnown), "!no-spf", "!several-spf", "!spf-allows-all", "!bad-spf", "!spf-too-many-lookups"),
        new(Requirement.Dkim, "dkim", "DKIM", "Every message carries a signature that passes (RFC 6376).", Slip, Fault,
            "Sign on every machine that sends, as the last step before the mail leaves, and publish the key with at least 2048 bits.",
            t => Failing(t, TrafficCounter.DkimPass, TrafficCounter.DkimKnown), "!no-dkim-key", "!bad-dkim-key", "dkim-testing", "short-dkim-key"),
        new(Requirement.SpfAndDkim, "spf-and-dkim", "SPF and DKIM", "Both pass for the same message: who sends 5,000 messages a day or more needs both.", Slip, Fault,
            "Mend whichever of the two fails more often; see above.", t => Failing(t, TrafficCounter.BothPass, TrafficCounter.BothKnown)),
        new(Requirement.DmarcPolicy, "dmarc-policy", "DMARC policy", "The author domain has a DMARC record (RFC 9989); p=none is enough.", null, null,
            "Publish a TXT record at _dmarc: v=DMARC1; p=none; rua=mailto:you@your.domain. Go on to quarantine when the reports show that all your mail passes.", null, "!no-dmarc", "!several-dmarc"),
        new(Requirement.Alignment, "alignment", "Alignment", "The domain in From is the one that SPF or DKIM proves (DMARC passes).", Slip, Fault,
            "Sign with the domain that stands in From, also where another company sends for you.", t => Failing(t, TrafficCounter.DmarcPass, TrafficCounter.DmarcKnown)),
        new(Requirement.Format, "format", "Formatting", "Messages obey RFC 5322: one From, a Date, a Message-ID, lines that are not too long.", Slip, Fault,
            "Have a sample checked: it says which line is wrong.", t => Bad(t, TrafficCounter.FormatBad, TrafficCounter.FormatKnown)),
        new(Requirement.ReverseDns, "dns", "DNS of the sending hosts", "The address has a reverse name, and the name leads back to the address.", Slip, Fault,
            "Ask whoever gave you the address for a PTR record, and publish an A or AAAA record for its name.", t => Bad(t, TrafficCounter.ReverseBad, TrafficCounter.ReverseKnown)),
        new(Requirement.Encryption, "encryption", "Encryption", "Mail comes over TLS.", Slip, Fault,
            "Turn on opportunistic TLS for outgoing mail; Postfix: smtp_tls_security_level = may.", t => Failing(t, TrafficCounter.Tls, TrafficCounter.TlsKnown)),
        new(Requirement.ComplaintRate, "complaint-rate", "Complaint rate", "Of the mail put into inboxes, fewer than 0.1 % is called spam, and never 0.3 %.", ReputationFormula.Complaints.Good, ReputationFormula.Complaints.Bad,
            ReputationFormula.Complaints.Advice, t => t.Complaints),
        new(Requirement.OneClick, "one-click", "One-click unsubscribing", "Marketing and subscribed mail can be unsubscribed from by one click (RFC 8058). Receipts and the like need not.", Fault, null,
            "Add List-Unsubscribe with an https address and List-Unsubscribe-Post: List-Unsubscribe=One-Click, and sign both.", t => Failing(t, TrafficCounter.OneClick, TrafficCounter.OneClickKnown)),
        new(Requirement.HonouredUnsubscribe, "honoured-unsubscribe", "Honoured unsubscribes", "Who complained or unsubscribed gets nothing more of it after 48 hours.", 0, Fault,
            "Take people off every list when they unsubscribe, and when a feedback report names their mail. Do it by machine: by hand it takes too long.", t => t.MailedAgain),
    ];

    /// <param name="traffic">Null: nothing is known of the mail.</param>
    /// <param name="dns">Null: DNS was not looked at yet.</param>
    public static IReadOnlyList<RequirementState> Judge(VisibleTraffic? traffic, DomainDns? dns, IReadOnlyDictionary<Requirement, FailedMail> examples) =>
        [.. All.Select(rule => Judge(rule, traffic, dns, examples.GetValueOrDefault(rule.Requirement)))];

    private static RequirementState Judge(RequirementRule rule, VisibleTraffic? traffic, DomainDns? dns, FailedMail? example)
    {
        HiddenWhy? hidden = rule.Requirement switch
        {
            Requirement.ComplaintRate => traffic?.WhyHidden(TrafficCounter.Complaint),
            Requirement.HonouredUnsubscribe => traffic?.WhyHidden(TrafficCounter.LeftAndMailedAgain),
            _ => null,
        };
        Rate? failing = traffic is null ? null : rule.Failing?.Invoke(traffic);
        List<DnsFinding> said = [.. (dns?.Findings ?? []).Where(f => Array.Exists(rule.DnsCodes, c => string.Equals(c.TrimStart('!'), f.Code, StringComparison.Ordinal)))];
        bool brokenInDns = said.Exists(f => rule.DnsCodes.Contains("!" + f.Code, StringComparer.Ordinal));
        Kept byMail = (failing, rule.Good) switch
        {
            (null, _) or (_, null) => Kept.Unknown,
            ({ Value: var share }, { } good) when share <= good => Kept.Yes,
            _ when failing.Value >= rule.Bad => Kept.No,
            _ => Kept.Nearly,
        };
        Kept kept = brokenInDns ? Kept.No : rule.Failing is null ? (dns is null || dns.IsUnknown(rule.Requirement) ? Kept.Unknown : Kept.Yes) : byMail;
        return new RequirementState(rule, kept == Kept.Yes && said.Count > 0 ? Kept.Nearly : kept, failing, hidden, [.. said.Select(f => f.Text)], failing is { Count: > 0 } ? example : null);
    }

    private static Rate? Failing(VisibleTraffic traffic, TrafficCounter pass, TrafficCounter known) => Rate.From(traffic[known] - traffic[pass], traffic[known]);

    private static Rate? Bad(VisibleTraffic traffic, TrafficCounter bad, TrafficCounter known) => Rate.From(traffic[bad], traffic[known]);
}
