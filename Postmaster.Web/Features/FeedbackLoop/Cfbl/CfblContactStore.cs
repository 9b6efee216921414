using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>What readers of an address, operators and bounces do to it.</summary>
internal sealed class CfblContactStore(
    IDbContextFactory<PostmasterDb> databases, CfblLinks links, LeaveStore leaving, AuditTrail audit, IOptions<BouncesOptions> bounces, TimeProvider time, ILogger<CfblContactStore> log)
{
    private const string ByOperator = "an operator";

    /// <summary>Whoever holds the link wants reports. False: the link is none, or its reader refused before.</summary>
    public Task<bool> ConfirmAsync(string? token, CancellationToken ct) => ByLinkAsync(token, (db, contact) =>
    {
        if (contact.RefusedAt is not null)
            return Task.FromResult(false);
        if (contact is { ConfirmedAt: not null, PausedAt: null })
            return Task.FromResult(true);
        contact.Confirm(time.GetUtcNow());
        audit.Add(db, null, contact.Domain, null, AuditTrail.ByLink, "agreed to reports by invitation", CfblRefusals.Masked(contact));
        log.Confirmed(contact.Id);
        return Task.FromResult(true);
    }, ct);

    /// <summary>For ever, and with it whatever else goes to the mailbox because of complaints. False: the link is none.</summary>
    public async Task<bool> RefuseAsync(string? token, CancellationToken ct)
    {
        if (await links.ReadAsync(token, ct) is not { } id)
            return false;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var contact = await db.CfblContacts.Where(c => c.Id == id).Select(c => new { c.Address }).FirstOrDefaultAsync(ct);
        if (contact?.Address is { } address)
            await leaving.LeaveAddressAsync(address, ct);
        return contact is not null;
    }

    /// <summary>By an operator; it can be taken back, and a refusal of its reader cannot.</summary>
    public Task<bool> BlockAsync(Guid id, Guid userId, CancellationToken ct) => ChangeAsync(id, async (db, contact) =>
    {
        if (contact.BlockedAt is not null)
            return false;
        DateTimeOffset now = time.GetUtcNow();
        contact.BlockedAt = now;
        audit.Add(db, null, contact.Domain, userId, ByOperator, "blocked an address for reports by invitation", CfblRefusals.Masked(contact));
        await CfblRefusals.CancelAsync(db, contact.Id, "An operator blocked the address.", now, ct);
        return true;
    }, ct);

    /// <summary>Takes a block and a pause back.</summary>
    public Task<bool> ReleaseAsync(Guid id, Guid userId, CancellationToken ct) => ChangeAsync(id, (db, contact) =>
    {
        if (contact.RefusedAt is not null || contact is { BlockedAt: null, PausedAt: null })
            return Task.FromResult(false);
        contact.BlockedAt = null;
        contact.Resume();
        audit.Add(db, null, contact.Domain, userId, ByOperator, "let an address have reports by invitation again", CfblRefusals.Masked(contact));
        return Task.FromResult(true);
    }, ct);

    /// <summary>
    /// A report failed for good. An address whose reader never agreed is paused by the first failure: nothing shows that anybody is there.
    /// Runs in the caller's exclusive transaction, before it saves.
    /// </summary>
    public async Task<bool> FailedAsync(PostmasterDb db, OutboxMessage mail, Bounce latest, DateTimeOffset now, CancellationToken ct)
    {
        CfblContact? contact = await (
            from invitation in db.CfblInvitations
            where invitation.OutboxId == mail.Id
            join c in db.CfblContacts on invitation.ContactId equals c.Id
            select c).FirstOrDefaultAsync(ct);
        if (contact is null || contact.PausedAt is not null)
            return false;
        contact.Failures++;
        if (contact.ConfirmedAt is not null && contact.Failures < (latest.NoSuchMailbox ? bounces.Value.PauseAfterNoMailbox : bounces.Value.PauseAfter))
            return false;
        contact.PausedAt = now;
        contact.PauseAnswer = latest.Answer;
        log.Paused(contact.Id);
        return true;
    }

    private async Task<bool> ByLinkAsync(string? token, Func<PostmasterDb, CfblContact, Task<bool>> change, CancellationToken ct) =>
        await links.ReadAsync(token, ct) is { } id && await ChangeAsync(id, change, ct);

    private async Task<bool> ChangeAsync(Guid id, Func<PostmasterDb, CfblContact, Task<bool>> change, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        CfblContact? contact = await db.CfblContacts.FirstOrDefaultAsync(c => c.Id == id, ct);
        if (contact is null || !await change(db, contact))
            return false;
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}
