using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Text;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples;

/// <summary>The samples that are to be checked, and what came of it.</summary>
internal sealed class SampleLeases(IDbContextFactory<PostmasterDb> databases, Sealer sealer, TimeProvider time) : LeasedQueue<Sample>(databases, time)
{
    /// <summary>Characters of a subject that the list needs.</summary>
    private const int MaxSubject = 300;

    /// <summary>What is to be checked; null when the octets are gone.</summary>
    public async Task<SampleInput?> OpenAsync(Leased<Sample> lease, CancellationToken ct)
    {
        Guid id = lease.Row.Id;
        await using PostmasterDb db = await Databases.CreateDbContextAsync(ct);
        if (await db.SampleBodies.AsNoTracking().FirstOrDefaultAsync(b => b.SampleId == id, ct) is not { } body)
            return null;
        KeptEnvelope? envelope = body.SealedEnvelope is null ? null : JsonSerializer.Deserialize<KeptEnvelope>(sealer.Open(body.SealedEnvelope));
        return new SampleInput(sealer.Open(body.SealedRaw), envelope?.ToEnvelope(lease.Row.ReceivedAt));
    }

    /// <summary>Writes the report; nothing happens when the lease was lost.</summary>
    public async Task FinishAsync(Leased<Sample> lease, SampleReport report, CancellationToken ct)
    {
        byte[] kept = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(report));
        string subject = HeaderWriter.Clean(report.Subject);
        byte[]? sealedSubject = subject.Length == 0 ? null : sealer.Seal(subject.Length > MaxSubject ? subject[..MaxSubject] : subject);
        (int toFix, int toLookAt, int notKnown) = Counts(report);
        await using PostmasterDb db = await Databases.CreateDbContextAsync(ct);
        await db.Samples.HeldBy(lease).ExecuteUpdateAsync(set => set
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
    public async Task FailAsync(Leased<Sample> lease, DateTimeOffset? dueAt, CancellationToken ct)
    {
        SampleState state = dueAt is null ? SampleState.Failed : SampleState.Kept;
        DateTimeOffset due = dueAt ?? Time.GetUtcNow();
        await using PostmasterDb db = await Databases.CreateDbContextAsync(ct);
        await db.Samples.HeldBy(lease).ExecuteUpdateAsync(
            set => set.SetProperty(s => s.State, state).SetProperty(s => s.DueAt, due).SetProperty(s => s.LeaseUntil, (DateTimeOffset?)null), ct);
    }

    protected override IQueryable<Sample> Open(PostmasterDb db, DateTimeOffset now) => db.Samples.Where(s => s.State == SampleState.Kept && s.ExpiresAt > now);

    protected override bool IsOpen(Sample row, DateTimeOffset now) => row.State is SampleState.Kept && row.ExpiresAt > now;
}
