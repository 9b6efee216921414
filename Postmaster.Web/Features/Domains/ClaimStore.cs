using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>Makes, proves and removes claims: one transaction a method, DNS is asked before.</summary>
public sealed class ClaimStore(
    IDbContextFactory<PostmasterDb> databases, ClaimAdmission admission, ClaimNotices notices, OutboxSignal outbox, AuditTrail audit,
    IOptions<ClaimsOptions> options, TimeProvider time)
{
    /// <summary>Between two presses of "check now" on one claim, so that the button is no tool against a name server.
    /// Short enough to wait out: whoever has just published the record presses at once.</summary>
    public static readonly TimeSpan CheckPause = TimeSpan.FromSeconds(2);

    /// <summary>Adds a claim as a person wrote it; the answer says what to do when it cannot be.</summary>
    public async Task<AddClaimResult> AddAsync(Guid ownerId, string? text, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool isOperator = await db.Users.AnyAsync(u => u.Id == ownerId && u.IsOperator, ct);
        AdmittedName admitted = await admission.AdmitAsync(text, isOperator, ct);
        if (admitted.Refusal is not null)
            return admitted.Refusal;
        string domain = admitted.Name!.Ascii;
        DateTimeOffset now = time.GetUtcNow();
        var claim = new DomainClaim { OwnerId = ownerId, Domain = domain, Token = Challenge.NewToken(), CreatedAt = now, NextCheckAt = now + RecheckSchedule.WhilePending };

        await using var transaction = await db.BeginExclusiveAsync(ct);
        List<string> own = await db.Claims.Where(c => c.OwnerId == ownerId).Select(c => c.Domain).ToListAsync(ct);
        if (own.Contains(domain, StringComparer.Ordinal))
            return new AddClaimResult.Already(domain);
        // Removed claims of the day count too: adding and removing in a loop would fill the table.
        DateTimeOffset dayAgo = now.AddDays(-1);
        int lately = await db.Claims.IgnoreQueryFilters().CountAsync(c => c.OwnerId == ownerId && c.CreatedAt > dayAgo, ct);
        if (Math.Max(own.Count, lately) >= options.Value.MaxPerAccount)
            return new AddClaimResult.Refused(AddClaimProblem.TooMany);
        db.Claims.Add(claim);
        await audit.AddAsync(db, claim.Id, domain, ownerId, "added the domain", null, ct);
        db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = ownerId, Role = MemberRole.Owner, CreatedAt = now });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return new AddClaimResult.Added(claim.Id, domain);
    }

    /// <summary>Takes the turn of a "check now"; null when the last one was a moment ago or the claim is gone.</summary>
    public async Task<DomainClaim?> TakeCheckTurnAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateTimeOffset now = time.GetUtcNow(), latest = now - CheckPause;
        int taken = await db.Claims.Where(c => c.Id == claimId && (c.CheckRequestedAt == null || c.CheckRequestedAt <= latest))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.CheckRequestedAt, now), ct);
        return taken == 1 ? await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct) : null;
    }

    /// <summary>Claims that the schedule wants looked at now; each is this process's until <paramref name="lease"/> is over.</summary>
    public async Task<IReadOnlyList<DomainClaim>> TakeDueAsync(int most, TimeSpan lease, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateTimeOffset now = time.GetUtcNow();
        List<DomainClaim> due = await db.Claims.AsNoTracking().Where(c => c.NextCheckAt <= now).OrderBy(c => c.NextCheckAt).Take(most).ToListAsync(ct);
        var taken = new List<DomainClaim>(due.Count);
        foreach (DomainClaim claim in due)
        {
            int won = await db.Claims.Where(c => c.Id == claim.Id && c.NextCheckAt == claim.NextCheckAt && c.Revision == claim.Revision)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.NextCheckAt, now + lease), ct);
            if (won == 1)
                taken.Add(claim);
        }

        return taken;
    }

    /// <summary>Writes down what DNS said and tells whom it concerns.</summary>
    /// <param name="looked">The claim as it was when DNS was asked.</param>
    /// <param name="byHand">The owner pressed the button and reads the answer on the page, so a first proof needs no mail.</param>
    /// <returns>False when the claim changed or went away meanwhile: the observation is worth nothing then.</returns>
    public async Task<bool> RecordAsync(DomainClaim looked, ClaimObservation seen, bool byHand, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.FirstOrDefaultAsync(c => c.Id == looked.Id && c.Revision == looked.Revision, ct);
        if (claim is null)
            return false;
        try
        {
            await ObserveAsync(db, claim, seen, byHand, ct);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }

        outbox.Wake();
        return true;
    }

    /// <summary>Ends a claim at once: members go, open invitations and the feedback address end, queued reports are cancelled. Complaints stay.</summary>
    /// <returns>False when it had gone before.</returns>
    public async Task<bool> RemoveAsync(Guid claimId, Guid by, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is null)
            return false;
        DateTimeOffset now = time.GetUtcNow();
        claim.Remove(now);
        await audit.AddAsync(db, claimId, claim.Domain, by, "removed the domain", null, ct);
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateConcurrencyException)
        {
            // A look at DNS was written down a moment ago; the claim is removed all the same.
            await db.Entry(claim).ReloadAsync(ct);
            claim.Remove(now);
            await db.SaveChangesAsync(ct);
        }

        await QueuedReports.CancelAsync(db, claimId, "The domain was removed from the portal.", now, ct);
        await db.FeedbackAddresses.Where(a => a.ClaimId == claimId && a.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(a => a.EndedAt, now), ct);
        await db.Invitations.Where(i => i.ClaimId == claimId && i.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(i => i.EndedAt, now), ct);
        await db.Members.Where(m => m.ClaimId == claimId).ExecuteDeleteAsync(ct);
        await LookSoonAtCoveredAsync(db, claim, now, ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private async Task ObserveAsync(PostmasterDb db, DomainClaim claim, ClaimObservation seen, bool byHand, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool ownBefore = claim.IsInForce && claim.CoveredBy is null;
        ClaimState before = claim.Observe(seen, now, options.Value.Grace);
        claim.NextCheckAt = RecheckSchedule.Next(claim, seen.Outcome, now, options.Value);
        if (before != claim.State)
            audit.Add(db, claim.Id, claim.Domain, null, AuditTrail.ByPortal, StateWords(claim.State), seen.Answer);
        switch (before, claim.State)
        {
            case (ClaimState.Pending, ClaimState.Proved) when !byHand:
                await notices.ProvedAsync(db, claim, ct);
                break;
            case (ClaimState.Proved, ClaimState.Warned):
                await notices.LostAsync(db, claim, ct);
                break;
            case (not ClaimState.Suspended, ClaimState.Suspended):
                await notices.SuspendedAsync(db, claim, ct);
                await QueuedReports.CancelAsync(db, claim.Id, "The domain is no longer proved.", now, ct);
                break;
            case (ClaimState.Warned or ClaimState.Suspended, ClaimState.Proved):
                await notices.BackAsync(db, claim, ct);
                break;
        }

        bool ownNow = claim.IsInForce && claim.CoveredBy is null;
        if (ownNow && !ownBefore)
            await TellOthersAsync(db, claim, now, ct);
        if (ownNow != ownBefore)
            await LookSoonAtCoveredAsync(db, claim, now, ct);
    }

    /// <summary>Other accounts learn that a name of theirs, or one below, has a further owner; proofs by a mere parent end here and now.</summary>
    private async Task TellOthersAsync(PostmasterDb db, DomainClaim proved, DateTimeOffset now, CancellationToken ct)
    {
        List<string> line = [.. ClaimQueries.Line(DomainName.Parse(proved.Domain)).Select(n => n.Ascii)];
        string below = "." + proved.Domain;
        List<DomainClaim> others = await db.Claims
            .Where(c => c.OwnerId != proved.OwnerId && (c.State == ClaimState.Proved || c.State == ClaimState.Warned)
                && (line.Contains(c.Domain) || (c.CoveredBy != null && c.Domain.EndsWith(below))))
            .ToListAsync(ct);
        foreach (DomainClaim covered in others.Where(c => c.CoveredBy is not null && IsAbove(c.CoveredBy, proved.Domain)))
        {
            covered.Observe(new ClaimObservation(ClaimOutcome.Absent, $"another account has proved {proved.Domain}"), now, options.Value.Grace);
            audit.Add(db, covered.Id, covered.Domain, null, AuditTrail.ByPortal, StateWords(covered.State), $"another account has proved {proved.Domain}");
            covered.NextCheckAt = RecheckSchedule.Next(covered, ClaimOutcome.Absent, now, options.Value);
            await notices.SuspendedAsync(db, covered, ct);
            await QueuedReports.CancelAsync(db, covered.Id, "Another account has proved the domain.", now, ct);
        }

        List<DomainClaim> own = others.FindAll(c => c.CoveredBy is null);
        foreach (DomainClaim same in own.Where(c => string.Equals(c.Domain, proved.Domain, StringComparison.Ordinal)))
            await notices.SharedAsync(db, same, proved, ct);
        string? nearest = line.Skip(1).FirstOrDefault(n => own.Exists(c => string.Equals(c.Domain, n, StringComparison.Ordinal)));
        foreach (DomainClaim parent in own.Where(c => string.Equals(c.Domain, nearest, StringComparison.Ordinal)))
            await notices.SplitOffAsync(db, parent, proved, ct);
    }

    /// <summary>Claims of the same account below this one may be covered now, or no longer.</summary>
    private static Task<int> LookSoonAtCoveredAsync(PostmasterDb db, DomainClaim parent, DateTimeOffset now, CancellationToken ct)
    {
        string below = "." + parent.Domain;
        return db.Claims
            .Where(c => c.OwnerId == parent.OwnerId && c.Id != parent.Id && c.Domain.EndsWith(below)
                && (c.CoveredBy != null || (c.State != ClaimState.Proved && c.State != ClaimState.Warned)))
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.NextCheckAt, now), ct);
    }

    private static string StateWords(ClaimState state) => state switch
    {
        ClaimState.Proved => "found the record: the domain is proved",
        ClaimState.Warned => "missed the record",
        ClaimState.Suspended => "suspended the domain",
        _ => "waits for the record",
    };

    private static bool IsAbove(string parent, string domain) => domain.EndsWith("." + parent, StringComparison.Ordinal);
}
