namespace Postmaster.Fbl.Dmarc;

/// <summary>What a domain owner asks for mail that fails, from mild to strict (RFC 9989 §4.7, p).</summary>
public enum DmarcPolicy
{
    None,
    Quarantine,
    Reject,
}

/// <summary>RFC 9989 §3.2.10.</summary>
public enum DmarcAlignmentMode
{
    /// <summary>The same organizational domain is enough.</summary>
    Relaxed,

    /// <summary>Only the same domain.</summary>
    Strict,
}

/// <summary>RFC 9989 §4.7, psd.</summary>
public enum DmarcPublicSuffix
{
    /// <summary><c>u</c>, and the default: the tree walk finds it out.</summary>
    Unknown,

    /// <summary><c>y</c>: strangers register names below this domain.</summary>
    Yes,

    /// <summary><c>n</c>: this is the organizational domain of itself and of what is below.</summary>
    No,
}

/// <summary>A domain's DMARC policy record (RFC 9989 §4.7). What was malformed in it has its default here.</summary>
public sealed record DmarcRecord
{
    internal DmarcRecord(string text) => Text = text;

    /// <summary>As published, one character an octet; outside text.</summary>
    public string Text { get; }

    /// <summary><c>p</c>; null when it is missing or malformed: see <see cref="IsUsable"/>.</summary>
    public DmarcPolicy? Policy { get; init; }

    /// <summary><c>sp</c>, for subdomains; null when absent or malformed.</summary>
    public DmarcPolicy? SubdomainPolicy { get; init; }

    /// <summary><c>np</c>, for subdomains that do not exist; null when absent or malformed.</summary>
    public DmarcPolicy? NonexistentPolicy { get; init; }

    public DmarcPublicSuffix PublicSuffix { get; init; }

    /// <summary><c>t=y</c>: the policy is in test, and one level lower is applied.</summary>
    public bool Testing { get; init; }

    /// <summary><c>adkim</c>.</summary>
    public DmarcAlignmentMode DkimAlignment { get; init; }

    /// <summary><c>aspf</c>.</summary>
    public DmarcAlignmentMode SpfAlignment { get; init; }

    /// <summary><c>rua</c>: where aggregate reports go; malformed addresses are left out.</summary>
    public IReadOnlyList<DmarcReportUri> AggregateReports { get; init; } = [];

    /// <summary><c>ruf</c>: where failure reports go; malformed addresses are left out.</summary>
    public IReadOnlyList<DmarcReportUri> FailureReports { get; init; } = [];

    /// <summary><c>fo</c>: any of <c>0 1 d s</c>, in order.</summary>
    public string FailureOptions { get; init; } = "0";

    /// <summary><c>pct</c> of RFC 7489, which RFC 9989 took away; null when absent or malformed.</summary>
    public int? Percent { get; init; }

    /// <summary>Tags whose value was malformed, or that stood there a second time, and terms that are no tags at all: as written, printable.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary><c>p</c> is there and well-formed, and so are <c>sp</c> and <c>np</c> where they stand.</summary>
    public bool HasValidPolicies { get; init; }

    /// <summary>RFC 9989 §4.10.1: without valid policies the record counts as p=none if it has an address for reports, or else not at all.</summary>
    public bool IsUsable => HasValidPolicies || AggregateReports.Count > 0;
}

/// <summary>One address of <c>rua</c> or <c>ruf</c>.</summary>
/// <param name="Text">The URI, without the size limit that RFC 7489 allowed behind it.</param>
/// <param name="Address">Of a mailto: URI; null for other schemes, which are not for us.</param>
public sealed record DmarcReportUri(string Text, Names.MailAddress? Address);
