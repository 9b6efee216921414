using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Cfbl;

/// <summary>In which form the address wants its reports (RFC 9477 §3.5.1).</summary>
public enum CfblReportFormat
{
    /// <summary>What every address has to take (RFC 9477 §3.4).</summary>
    Arf,
    Xarf,
}

/// <summary>
/// A <c>CFBL-Address</c> field (RFC 9477 §5.1): where the sender of a message wants to hear of complaints about it.
/// The folder reads the two fields, decides by the message's DKIM signatures whether an address may be told (<see cref="CfblEvaluator"/>), and reads
/// the record of DKIM-FBL, an Internet-Draft that asks for the same by DNS. It leaves out the report itself, which is an ordinary one, and every
/// judgement of the sender.
/// </summary>
/// <param name="Ignored">Parameters that say nothing to us: <c>unknown-parameter</c>, <c>unknown-format</c>, <c>repeated-parameter</c>, each at its offset.</param>
public sealed record CfblAddress(MailAddress Address, CfblReportFormat Format, IReadOnlyList<ParseProblem> Ignored)
{
    public const string FieldName = "CFBL-Address";

    public const string FeedbackIdFieldName = "CFBL-Feedback-ID";
}
