using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>The mails that are to leave. Notices come first: a person waits for them.</summary>
internal sealed class OutboxLeases(IDbContextFactory<PostmasterDb> databases, TimeProvider time) : LeasedQueue<OutboxMessage>(databases, time)
{
    protected override IQueryable<OutboxMessage> Open(PostmasterDb db, DateTimeOffset now) => db.Outbox.Where(m => m.State == OutboxState.Queued);

    protected override bool IsOpen(OutboxMessage row, DateTimeOffset now) => row.State is OutboxState.Queued;

    protected override IQueryable<OutboxMessage> InOrder(IQueryable<OutboxMessage> due) =>
        due.OrderByDescending(m => m.Kind == OutboxKind.Notice).ThenBy(m => m.DueAt);
}
