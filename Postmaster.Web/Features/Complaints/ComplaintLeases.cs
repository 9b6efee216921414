using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>The complaints that are to be read or counted; of those that are due together, the first pressed first.</summary>
internal sealed class ComplaintLeases(IDbContextFactory<PostmasterDb> databases, TimeProvider time) : LeasedQueue<KeptComplaint>(databases, time)
{
    protected override IQueryable<KeptComplaint> Open(PostmasterDb db, DateTimeOffset now) =>
        db.KeptComplaints.Where(k => k.State == KeptState.Kept || k.State == KeptState.Held);

    protected override bool IsOpen(KeptComplaint row, DateTimeOffset now) => row.State is KeptState.Kept or KeptState.Held;

    protected override IQueryable<KeptComplaint> InOrder(IQueryable<KeptComplaint> due) => due.OrderBy(k => k.DueAt).ThenBy(k => k.PressedAt);
}
