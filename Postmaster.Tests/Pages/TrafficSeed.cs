using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>Counters for pages to show, written as the commit of events writes them.</summary>
internal sealed class TrafficSeed(PostmasterApp app)
{
    private DateOnly Today => DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);

    /// <summary>A feeder that told of days; a silent one sent its last batch a day ago.</summary>
    /// <param name="except">Days ago of which it told nothing.</param>
    public async Task FeederAsync(string name, int days, bool silent = false, params int[] except)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        DateTimeOffset last = silent ? app.Time.GetUtcNow().AddDays(-1) : app.Time.GetUtcNow().AddMinutes(-1);
        var feeder = new Feeder { Name = name, CreatedAt = app.Time.GetUtcNow().AddDays(-days), LastBatchAt = last, NewestEventAt = last };
        db.Add(feeder);
        await db.SaveChangesAsync();
        db.AddRange(Enumerable.Range(silent ? 1 : 0, days).Except(except).Select(d => new FeederDay { Day = Today.AddDays(-d), FeederId = feeder.Id, Hours = (1 << 24) - 1 }));
        await db.SaveChangesAsync();
    }

    /// <summary>The stream of a domain, made when there is none.</summary>
    public async Task<int> StreamAsync(string domain, StreamKind kind, string value = "", string? title = null)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        MailDomain? row = await db.MailDomains.FirstOrDefaultAsync(d => d.Name == domain);
        if (row is null)
            db.Add(row = new MailDomain { Name = domain, FirstDay = Today.AddDays(-400), LastDay = Today });
        await db.SaveChangesAsync();
        MailStream? stream = await db.MailStreams.FirstOrDefaultAsync(s => s.DomainId == row.Id && s.Kind == kind && s.Value == value);
        if (stream is null)
            db.Add(stream = new MailStream { DomainId = row.Id, Kind = kind, Value = value, Title = title, FirstDay = Today.AddDays(-400), LastDay = Today });
        await db.SaveChangesAsync();
        return stream.Id;
    }

    /// <summary>Adds to one day of a stream.</summary>
    /// <param name="recipients">Different ones.</param>
    public async Task CountAsync(int stream, int daysAgo, int recipients, params (TrafficCounter Counter, long Count)[] counts)
    {
        var cell = new TrafficCounts { Recipients = Sketch(recipients) };
        foreach ((TrafficCounter counter, long count) in counts)
            cell[counter] = count;
        await using PostmasterDb db = await app.OpenDbAsync();
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync();
        await CellWriter.AddAsync(db, CellTable.Days, new Dictionary<long, TrafficCounts> { [CellKey.Day(stream, Today.AddDays(-daysAgo))] = cell }, CancellationToken.None);
        if (daysAgo < 7)
            await CellWriter.AddAsync(db, CellTable.Hours, new Dictionary<long, TrafficCounts> { [CellKey.Hour(stream, app.Time.GetUtcNow().AddDays(-daysAgo))] = cell }, CancellationToken.None);
        await transaction.CommitAsync();
    }

    /// <summary>A usual day of mail.</summary>
    public Task UsualDayAsync(int stream, int daysAgo, long messages, long complaints) => CountAsync(
        stream, daysAgo, 200,
        (TrafficCounter.DeliveredInbox, messages * 9 / 10), (TrafficCounter.DeliveredSpam, messages / 10), (TrafficCounter.RejectedUnknownUser, messages / 50), (TrafficCounter.RejectedRate, messages / 90),
        (TrafficCounter.Deferred, messages / 70), (TrafficCounter.Complaint, complaints), (TrafficCounter.Read, messages / 3), (TrafficCounter.DeletedUnread, messages / 4), (TrafficCounter.NotSpam, messages / 200),
        (TrafficCounter.DkimKnown, messages), (TrafficCounter.DkimPass, messages - (messages / 100)), (TrafficCounter.DkimAligned, messages - (messages / 100)), (TrafficCounter.SpfKnown, messages), (TrafficCounter.SpfPass, messages * 19 / 20),
        (TrafficCounter.BothKnown, messages), (TrafficCounter.BothPass, messages * 18 / 20), (TrafficCounter.DmarcKnown, messages), (TrafficCounter.DmarcPass, messages - 1), (TrafficCounter.TlsKnown, messages), (TrafficCounter.Tls, messages),
        (TrafficCounter.FormatKnown, messages), (TrafficCounter.FormatBad, messages / 80), (TrafficCounter.OneClickKnown, messages), (TrafficCounter.OneClick, messages * 8 / 10), (TrafficCounter.Left, complaints), (TrafficCounter.LeftAndMailedAgain, complaints / 2),
        (TrafficCounter.Followed, messages), (TrafficCounter.MailAfterLeaving, complaints), (TrafficCounter.Invitation, messages / 9), (TrafficCounter.InvitationOver, messages / 100), (TrafficCounter.ReminderClose, messages / 300));

    /// <summary>As many bits as make the estimate just reach the number.</summary>
    private static RecipientSketch Sketch(int recipients)
    {
        var sketch = default(RecipientSketch);
        for (ulong bit = 0; bit < 64 && sketch.Estimate < recipients; bit++)
            sketch = sketch.With(bit);
        return sketch;
    }
}
