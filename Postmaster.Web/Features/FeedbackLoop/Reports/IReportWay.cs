using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>A claim that a complaint counts for.</summary>
internal sealed record CountedClaim(CoveringClaim Claim, Complaint Complaint);

/// <summary>What is to be told about one kept message, to whom it may concern.</summary>
/// <param name="Claims">One each claim, in the order of the signatures; empty when no claimed domain signed the message.</param>
internal sealed record CountedReport(KeptComplaint Kept, IReadOnlyList<CountedClaim> Claims, DateTimeOffset Now);

/// <summary>
/// A way in which complaints are told of: mail to the feedback address, webhook, the address that the message itself names, ... Each queues rows of its own in the
/// transaction that counts the complaint; a worker of its own carries them out.
/// </summary>
internal interface IReportWay
{
    /// <summary>Adds what is to be sent; the caller saves and commits. No DNS, no network: the transaction waits.</summary>
    /// <param name="reports">Those of one transaction, in the order in which they count.</param>
    /// <returns>For each of them, how many reports were queued.</returns>
    Task<IReadOnlyList<int>> QueueAsync(PostmasterDb db, IReadOnlyList<CountedReport> reports, CancellationToken ct);

    /// <summary>The transaction is committed: the worker may look.</summary>
    void Wake();
}
