using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Api;

/// <summary>Which complaints a program wants.</summary>
/// <param name="After">From where the stretch before ended; null: from the first.</param>
/// <param name="Withdrawn">Whether it was taken back; null: either.</param>
internal sealed record FeedQuestion(ArchiveQuestion Fits, Guid? After, int Limit, bool? Withdrawn = null);

/// <summary>One stretch of complaints in the order in which they were counted.</summary>
/// <param name="Next">Where the next stretch begins; the same as before when nothing came.</param>
/// <param name="HasMore">There may be more at this moment; also when fewer than the limit fitted.</param>
internal sealed record FeedPage(IReadOnlyList<Complaint> Rows, Guid? Next, bool HasMore);

/// <summary>
/// Complaints in the order of their ids, which rise with the time of counting: whoever asks with the cursor of the answer before gets each complaint once,
/// whatever is counted meanwhile. The last moments are held back, because two that are counted at the same time may become visible in the other order.
/// </summary>
internal sealed class ComplaintFeed(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    /// <summary>How long a commit may take and the clocks of machines may differ.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public const int MostRows = 500;

    /// <summary>Complaints that are looked at for one answer: a question that hardly anything fits gets short stretches.</summary>
    private const int MostLooked = 5000, Step = 1000;

    public async Task<FeedPage> ReadAsync(FeedQuestion question, CancellationToken ct)
    {
        Guid before = Guid.CreateVersion7(time.GetUtcNow() - Settle);
        Guid after = question.After ?? Guid.Empty;
        int limit = Math.Clamp(question.Limit, 1, MostRows);
        ArchiveQuestion fits = question.Fits;
        var rows = new List<Complaint>();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        for (int looked = 0; looked < MostLooked; looked += Step)
        {
            List<Complaint> step = await db.Complaints.AsNoTracking()
                .Where(c => c.Domain == fits.Domain && c.Id.CompareTo(after) > 0 && c.Id.CompareTo(before) < 0)
                .OrderBy(c => c.Id).Take(Step).ToListAsync(ct);
            foreach (Complaint row in step)
            {
                after = row.Id;
                if (row.PressedAt < fits.Start || row.PressedAt >= fits.End || !fits.Fits(row) || (question.Withdrawn is { } withdrawn && withdrawn != row.RescuedAt is not null))
                    continue;
                rows.Add(row);
                if (rows.Count == limit)
                    return new FeedPage(rows, after, HasMore: true);
            }

            if (step.Count < Step)
                return new FeedPage(rows, after == Guid.Empty ? null : after, HasMore: false);
        }

        return new FeedPage(rows, after, HasMore: true);
    }

    public static string? Write(Guid? cursor) => cursor?.ToString("N", CultureInfo.InvariantCulture);
}
