using System.ComponentModel.DataAnnotations;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

public enum CfblMode
{
    Off,

    /// <summary>Only for messages that pass DMARC.</summary>
    Dmarc,
    On,
}

/// <summary>Whether and how often addresses get reports that mail itself names (RFC 9477). Configuration section <c>Cfbl</c>.</summary>
public sealed class CfblOptions
{
    public const string Section = "Cfbl";

    public CfblMode Mode { get; set; }

    /// <summary>Also the records of the Internet-Draft DKIM-FBL (<c>_feedback._domainkey</c>).</summary>
    public bool DkimFbl { get; set; }

    /// <summary>The level that every domain which speaks for the message has to have: High, Medium, Low or Bad.</summary>
    public ReputationLevel MinReputation { get; set; } = ReputationLevel.Low;

    /// <summary>Whether senders get reports of whom nothing is known.</summary>
    public bool AllowUnknownReputation { get; set; } = true;

    /// <summary>What a report shows of the message; <c>Reports:IncludeBody</c> bounds it.</summary>
    public ReportShape Shape { get; set; } = ReportShape.Identifiers;

    /// <summary>Addresses of one message that get a report.</summary>
    [Range(1, 20, ErrorMessage = "Cfbl:MaxAddresses must be between 1 and 20.")]
    public int MaxAddresses { get; set; } = 3;

    /// <summary>Reports a UTC day to an address whose reader has not agreed.</summary>
    [Range(0, 1000, ErrorMessage = "Cfbl:AllowanceUnconfirmed must be between 0 and 1000.")]
    public int AllowanceUnconfirmed { get; set; } = 3;

    /// <summary>Reports in all to an address whose reader has not agreed.</summary>
    [Range(0, 100_000, ErrorMessage = "Cfbl:AllowanceTotal must be between 0 and 100000.")]
    public int AllowanceTotal { get; set; } = 10;

    /// <summary>Reports a UTC day to one address whose reader has agreed.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Cfbl:MaxPerAddressPerDay must be between 1 and 1000000.")]
    public int MaxPerAddressPerDay { get; set; } = 1000;

    /// <summary>Reports a UTC day to all addresses of one organizational domain.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Cfbl:MaxPerDomainPerDay must be between 1 and 10000000.")]
    public int MaxPerDomainPerDay { get; set; } = 2000;

    /// <summary>Reports a UTC day by invitation in all.</summary>
    [Range(1, 100_000_000, ErrorMessage = "Cfbl:MaxPerDay must be between 1 and 100000000.")]
    public int MaxPerDay { get; set; } = 10_000;
}
