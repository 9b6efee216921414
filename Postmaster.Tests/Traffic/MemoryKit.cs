using System.Globalization;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Model;
using Microsoft.EntityFrameworkCore;

namespace Postmaster.Tests.Traffic;

/// <summary>Deliveries with a number, and what happens to them later.</summary>
internal static class MemoryKit
{
    /// <summary>The delivery of mail <paramref name="number"/> of owner.example to its own mailbox, as a line.</summary>
    public static string Mail(this PostmasterApp app, int number, TimeSpan ago = default, string list = "news.owner.example", string? mailbox = null, string more = "") => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"kind":"delivered","time":"{{app.Time(ago)}}","from_domain":"owner.example","dkim":[{"domain":"owner.example","selector":"s1","result":"pass"}],"rcpt":"{{mailbox ?? $"u{number}@p.example"}}","message_id":"<{{number}}@owner.example>","list_id":"{{list}}"{{more}}}""") + "\n";

    /// <summary>What the mailbox's user did with it, known by Message-ID and mailbox alone.</summary>
    public static string Later(this PostmasterApp app, string kind, int number, string? mailbox = null, TimeSpan ago = default) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"kind":"{{kind}}","time":"{{app.Time(ago)}}","message_id":"{{number}}@owner.example","mailbox":"{{mailbox ?? $"u{number}@p.example"}}"}""") + "\n";

    /// <summary>A counter of owner.example's whole mail on one day.</summary>
    public static async Task<long> CountedOnAsync(this PostmasterApp app, TrafficCounter counter, int daysAgo)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        DateOnly day = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime).AddDays(-daysAgo);
        List<int> streams = await db.MailStreams.Where(s => s.Kind == StreamKind.Whole && db.MailDomains.Any(d => d.Id == s.DomainId && d.Name == "owner.example")).Select(s => s.Id).ToListAsync();
        return (await CellReader.DaysAsync(db, streams, day, day, CancellationToken.None)).Sum(c => c.Counts[counter]);
    }
}
