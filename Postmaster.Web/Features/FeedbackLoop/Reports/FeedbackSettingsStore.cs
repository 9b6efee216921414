using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>What an owner chooses on the page of his reports.</summary>
public sealed record ReportChoice(ReportShape Shape, ReportFormat Format, bool WantsClear, bool WantsNotSpam);

/// <summary>What the reports of a claim look like: the owner's choice, and what the operator allows. Both hold from the next report on.</summary>
public sealed class FeedbackSettingsStore(IDbContextFactory<PostmasterDb> databases, AuditTrail audit)
{
    /// <summary>False: the claim is gone.</summary>
    public Task<bool> ChooseAsync(Guid claimId, Guid by, ReportChoice choice, CancellationToken ct) => ChangeAsync(claimId, by, "changed what reports look like", settings =>
    {
        string before = Words(settings);
        (settings.Shape, settings.Format, settings.WantsClear, settings.WantsNotSpam) = (choice.Shape, choice.Format, choice.WantsClear, choice.WantsNotSpam);
        string after = Words(settings);
        return string.Equals(before, after, StringComparison.Ordinal) ? null : $"from {before} to {after}";
    }, ct);

    /// <summary>The operator lets this claim's recipients out in clear, or no longer. False: the claim is gone.</summary>
    public Task<bool> AllowClearAsync(Guid claimId, Guid by, bool allowed, CancellationToken ct) =>
        ChangeAsync(claimId, by, allowed ? "allowed recipients in clear" : "forbade recipients in clear", settings =>
        {
            if (settings.ClearAllowed == allowed)
                return null;
            settings.ClearAllowed = allowed;
            return settings.WantsClear ? "the owner wants them in clear" : "the owner wants them redacted";
        }, ct);

    /// <param name="change">What it did, for the trail; null when everything was so already.</param>
    private async Task<bool> ChangeAsync(Guid claimId, Guid by, string what, Func<FeedbackSettings, string?> change, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        if (await db.Claims.Where(c => c.Id == claimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) is not { } domain)
            return false;
        FeedbackSettings? settings = await db.FeedbackSettings.FirstOrDefaultAsync(s => s.ClaimId == claimId, ct);
        if (settings is null)
            db.FeedbackSettings.Add(settings = new FeedbackSettings { ClaimId = claimId });
        if (change(settings) is { } detail)
            await audit.AddAsync(db, claimId, domain, by, what, detail, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private static string Words(FeedbackSettings settings) =>
        $"{settings.Shape.Label()}, {settings.Format.Label()}, recipient {(settings.WantsClear ? "in clear" : "redacted")}{(settings.WantsNotSpam ? ", not-spam reports" : "")}";
}
