using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>What a claim's reports look like.</summary>
/// <param name="Chosen">The owner's choice.</param>
/// <param name="ClearAllowed">The operator allows the recipient in clear for this claim.</param>
/// <param name="BodiesKeptBack">This provider lets no bodies out, whatever an owner chooses (<c>Reports:IncludeBody</c>).</param>
/// <param name="KeyOwnerId">The account whose redaction key the reports are hashed with.</param>
/// <param name="KeyOwner">Its address.</param>
public sealed record ReportSettingsView(ReportChoice Chosen, bool ClearAllowed, bool BodiesKeptBack, Guid KeyOwnerId, string? KeyOwner)
{
    /// <summary>What really goes out.</summary>
    public ReportLook Look => new ReportLook(
        Chosen.Shape, Chosen.Format, Chosen.WantsClear && ClearAllowed ? RedactionMode.None : RedactionMode.Recipient).Within(!BodiesKeptBack);
}

/// <summary>The page of a claim's reports. The caller has checked that the visitor may see the claim.</summary>
public sealed class ReportQueries(
    IDbContextFactory<PostmasterDb> databases, ProviderKeys keys, PortalUrl portal, IOptions<ProviderOptions> provider, IOptions<ReportsOptions> reports, TimeProvider time)
{
    public async Task<ReportSettingsView?> FindAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var found = await db.Claims.AsNoTracking().Where(c => c.Id == claimId).Select(c => new
        {
            c.OwnerId,
            Owner = db.Users.Where(u => u.Id == c.OwnerId).Select(u => u.Email).FirstOrDefault(),
            Settings = db.FeedbackSettings.FirstOrDefault(s => s.ClaimId == c.Id),
        }).FirstOrDefaultAsync(ct);
        if (found is null)
            return null;
        FeedbackSettings settings = found.Settings ?? new FeedbackSettings { ClaimId = claimId };
        return new ReportSettingsView(
            new ReportChoice(settings.Shape, settings.Format, settings.WantsClear, settings.WantsNotSpam), settings.ClearAllowed, !reports.Value.IncludeBody, found.OwnerId, found.Owner);
    }

    /// <summary>A report about a made-up message as it would go out, in Latin-1: header, parts and all, unsigned.</summary>
    public async Task<string> SampleAsync(Guid ownerId, string domain, string? to, ReportLook look, CancellationToken ct)
    {
        DomainName own = DomainName.Parse(provider.Value.Domain);
        MailAddress address = MailAddress.TryParse(to, out MailAddress? named, out _) ? named : MailAddress.Parse($"reports@{domain}");
        ReportSubject subject = MadeUpReport.About(DomainName.Parse(domain), address, $"sample@{own.Ascii}", provider.Value, time.GetUtcNow()) with
        {
            IsTest = false, LeaveUrl = portal.To($"{Leaving.LeaveLinks.Route}/{new string('0', 40)}"),
        };
        var style = new ReportStyle(
            provider.Value.Name, own, look.Within(reports.Value.IncludeBody), reports.Value.MaxMessageBytes, provider.Value.AuthservIds.FirstOrDefault() ?? own.Ascii, portal.Root);
        byte[] report = ReportComposer.Compose(subject, style, await KeyAsync(ownerId, ct), signer: null, time.GetUtcNow());
        return Encoding.Latin1.GetString(report).ReplaceLineEndings("\n");
    }

    /// <summary>The key that the addresses in an owner's reports are hashed with.</summary>
    public async Task<RedactionKey> KeyAsync(Guid ownerId, CancellationToken ct) => RedactionKey.ForOwner(await keys.RedactionMasterAsync(ct), ownerId.ToString("N"));
}
