using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

/// <summary>Adds to the trail of who changed what, in the caller's commit: what was not changed is not told of.</summary>
public sealed class AuditTrail(TimeProvider time)
{
    /// <summary>For a change that nobody signed in for: whoever holds the link.</summary>
    public const string ByLink = "a link in a mail";

    /// <summary>For what the portal does by itself.</summary>
    public const string ByPortal = "the portal";

    /// <param name="by">Who: the account's address with <paramref name="userId"/>, else words such as <see cref="ByLink"/>.</param>
    /// <param name="what">A short sentence without a full stop: "named another feedback address".</param>
    /// <param name="detail">From what to what, or why; null for nothing. It is cut to what the table takes.</param>
    public void Add(PostmasterDb db, Guid? claimId, string domain, Guid? userId, string by, string what, string? detail = null) => db.AuditEntries.Add(new AuditEntry
    {
        At = time.GetUtcNow(), ClaimId = claimId, Domain = domain, UserId = userId, By = Cut(by, ClaimConfiguration.AddressLength), What = what,
        Detail = detail is null ? null : Cut(detail, ComplaintConfiguration.TextLength),
    });

    /// <summary>For a change that an account made: its address is looked up and stands there ever after, whatever becomes of the account.</summary>
    public async Task AddAsync(PostmasterDb db, Guid? claimId, string domain, Guid userId, string what, string? detail, CancellationToken ct) =>
        Add(db, claimId, domain, userId, await db.Users.Where(u => u.Id == userId).Select(u => u.Email).FirstOrDefaultAsync(ct) ?? "an account that is gone", what, detail);

    private static string Cut(string text, int most) => text.Length > most ? text[..most] : text;
}
