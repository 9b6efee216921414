using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Text;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples;

/// <summary>A sample that this worker, and no other, looks at.</summary>
internal sealed class LeasedSample(Sample sample)
{
    public Sample Sample { get; } = sample;

    /// <summary>Changes with each renewal; what is written has to find this value.</summary>
    public DateTimeOffset Until { get; set; } = sample.LeaseUntil!.Value;
}

/// <summary>Hands out samples to check, each to one worker of however many processes, and takes the results.</summary>
internal sealed class SampleLeases(IDbContextFactory<PostmasterDb> databases, Sealer sealer, TimeProvider time)
{
    /// <summary>Rows looked at for one lease: others may be faster with the first.</summary>
    private const int Candidates = 8;

    /// <summary>Characters of a subject that the list needs.</summary>
    private const int MaxSubject = 300;

    /// <summary>The next due sample; null when there is none.</summary>
    public async Task<LeasedSample?> LeaseAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), until = WorkLease.From(now);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        foreach (Guid id in await Due(db, now).OrderBy(s => s.DueAt).Select(s => s.Id).Take(Candidates).ToListAsync(ct))
        {
            int taken = await Due(db, now).Where(s => s.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(s => s.LeaseUntil, until).SetProperty(s => s.Attempts, s => s.Attempts + 1), ct);
            if (taken == 1 && await db.Samples.AsNoTracking().FirstOrDefaultAsync(s => s.Id == id, ct) is { } leased)
                return new LeasedSample(leased);
        }

        return null;
    }

    /// <summary>False when another worker has it meanwhile, or it was deleted.</summary>
    public async Task<bool> RenewAsync(LeasedSample lease, CancellationToken ct)
    {
        DateTimeOffset until = WorkLease.From(time.GetUtcNow());
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool renewed = await Held(db, lease).ExecuteUpdateAsync(set => set.SetProperty(s => s.LeaseUntil, until), ct) == 1;
        if (renewed)
            lease.Until = until;
        return renewed;
    }

    /// <summary>What is to be checked; null when the octets are gone.</summary>
    public async Task<SampleInput?> OpenAsync(LeasedSample lease, CancellationToken ct)
    {
        Guid id = lease.Sample.Id;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await db.SampleBodies.AsNoTracking().FirstOrDefaultAsync(b => b.SampleId == id, ct) is not { } body)
            return null;
        KeptEnvelope? envelope = body.SealedEnvelope is null ? null : JsonSerializer.Deserialize<KeptEnvelope>(sealer.Open(body.SealedEnvelope));
        return new SampleInput(sealer.Open(body.SealedRaw), envelope?.ToEnvelope(lease.Sample.ReceivedAt));
    }

    /// <summary>Writes the report; nothing happens when the lease was lost.</summary>
    public async Task FinishAsync(LeasedSample lease, SampleReport report, CancellationToken ct)
    {
        byte[] kept = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(report));
        string subject = HeaderWriter.Clean(report.Subject);
        byte[]? sealedSubject = subject.Length == 0 ? null : sealer.Seal(subject.Length > MaxSubject ? subject[..MaxSubject] : subject);
        (int toFix, int toLookAt, int notKnown) = Counts(report);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await Held(db, lease).ExecuteUpdateAsync(set => set
            .SetProperty(s => s.State, SampleState.Checked).SetProperty(s => s.SealedReport, kept).SetProperty(s => s.SealedSubject, sealedSubject)
            .SetProperty(s => s.CheckedAt, report.CheckedAt).SetProperty(s => s.ToFix, toFix).SetProperty(s => s.ToLookAt, toLookAt)
            .SetProperty(s => s.NotKnown, notKnown).SetProperty(s => s.LeaseUntil, (DateTimeOffset?)null), ct);
    }

    /// <summary>Topics by what they ask for.</summary>
    public static (int ToFix, int ToLookAt, int NotKnown) Counts(SampleReport report) => (
        report.Topics.Count(t => t.Severity == SampleSeverity.Critical),
        report.Topics.Count(t => t.Severity == SampleSeverity.Warning),
        report.Topics.Count(t => t.Severity == SampleSeverity.Unknown));

    /// <param name="dueAt">When it is tried again; null: never.</param>
    public async Task FailAsync(LeasedSample lease, DateTimeOffset? dueAt, CancellationToken ct)
    {
        SampleState state = dueAt is null ? SampleState.Failed : SampleState.Kept;
        DateTimeOffset due = dueAt ?? time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await Held(db, lease).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.State, state).SetProperty(s => s.DueAt, due).SetProperty(s => s.LeaseUntil, (DateTimeOffset?)null), ct);
    }

    private static IQueryable<Sample> Held(PostmasterDb db, LeasedSample lease)
    {
        Guid id = lease.Sample.Id;
        DateTimeOffset until = lease.Until;
        return db.Samples.Where(s => s.Id == id && s.LeaseUntil == until);
    }

    private static IQueryable<Sample> Due(PostmasterDb db, DateTimeOffset now) =>
        db.Samples.Where(s => s.State == SampleState.Kept && s.DueAt <= now && s.ExpiresAt > now && (s.LeaseUntil == null || s.LeaseUntil < now));
}
