using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>Strangers cannot fill the disk.</summary>
public sealed class RetentionTests
{
    [Fact]
    public async Task The_oldest_mails_that_nobody_vouched_for_give_way_and_what_counts_stays()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(("Complaints:MaxStrayBytes", "250")));
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            for (int i = 0; i < 4; i++)
                Add(db, KeptState.Unvouched, app.Time.GetUtcNow().AddMinutes(i));
            Add(db, KeptState.Counted, app.Time.GetUtcNow().AddMinutes(-10));
            await db.SaveChangesAsync();
        }

        Assert.Equal(2, await app.Services.GetRequiredService<RetentionWorker>().SweepStrayAsync(CancellationToken.None));

        await using PostmasterDb after = await app.OpenDbAsync();
        List<Guid> bodies = await after.KeptBodies.Select(b => b.KeptId).ToListAsync();
        List<KeptComplaint> rows = await after.KeptComplaints.OrderBy(k => k.ReceivedAt).ToListAsync();
        Assert.Equal(5, rows.Count);
        Assert.Equal([rows[0].Id, rows[3].Id, rows[4].Id], rows.Select(r => r.Id).Where(bodies.Contains));
    }

    private static void Add(PostmasterDb db, KeptState state, DateTimeOffset at)
    {
        var kept = new KeptComplaint
        {
            Id = Guid.CreateVersion7(at), Door = IntakeDoor.Lmtp, Press = Press.Spam, ReceivedAt = at, PressedAt = at, DueAt = at, Size = 100, State = state, EndedAt = at,
        };
        db.KeptComplaints.Add(kept);
        db.KeptBodies.Add(new KeptBody { KeptId = kept.Id, SealedRaw = new byte[100], MessageOffset = 0, MessageLength = 100 });
    }
}
