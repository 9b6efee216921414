using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>The mails that tell owners what became of their claim. Queued in the commit that changes the claim.</summary>
public sealed class ClaimNotices(NoticeOutbox outbox, PortalUrl portal, IOptions<ProviderOptions> provider, IOptions<ClaimsOptions> options)
{
    public Task ProvedAsync(PostmasterDb db, DomainClaim claim, CancellationToken ct) => TellOwnersAsync(db, claim, $"{Shown(claim.Domain)} is proved", $"""
        The TXT record for {Shown(claim.Domain)} is there. You can see the domain's complaints from now on.

        Next step: name the address that the reports go to.
        {portal.To($"/domains/{claim.Domain}/feedback")}

        Leave the record in place: we look at it again from time to time.
        """, ct);

    public Task LostAsync(PostmasterDb db, DomainClaim claim, CancellationToken ct) => TellOwnersAsync(db, claim, $"The TXT record of {Shown(claim.Domain)} is gone", $"""
        We looked for the record that proves {Shown(claim.Domain)} and DNS answered: {claim.LastAnswer}.

        Nothing changes before {Instant(claim.LostAt!.Value + options.Value.Grace)}. If the record is not back by then, reports stop and the
        domain's numbers are no longer shown. Please put it back:

        {Record(claim)}

        We look again every hour.
        {portal.To($"/domains/{claim.Domain}/ownership")}
        """, ct);

    public Task SuspendedAsync(PostmasterDb db, DomainClaim claim, CancellationToken ct) => TellOwnersAsync(db, claim, $"{Shown(claim.Domain)} is suspended", $"""
        {Shown(claim.Domain)} is no longer proved for this account. DNS answered: {claim.LastAnswer}.

        From now on no reports are sent and the domain's numbers are not shown. Both come back by themselves when this record is there:

        {Record(claim)}

        {portal.To($"/domains/{claim.Domain}/ownership")}
        """, ct);

    public Task BackAsync(PostmasterDb db, DomainClaim claim, CancellationToken ct) => TellOwnersAsync(db, claim, $"{Shown(claim.Domain)} is proved again", $"""
        The TXT record for {Shown(claim.Domain)} is back. Reports and numbers go on as before.

        {portal.To($"/domains/{claim.Domain}")}
        """, ct);

    /// <summary>To the owners of <paramref name="first"/>: another account has proved the same name.</summary>
    public Task SharedAsync(PostmasterDb db, DomainClaim first, DomainClaim second, CancellationToken ct) => TellOwnersAsync(db, first, $"Another account has proved {Shown(first.Domain)}", $"""
        Another account has proved {Shown(first.Domain)} with a TXT record of its own. It sees the domain's complaints and can have reports sent
        to an address of its own. Nothing changes for you.

        If you know of this, there is nothing to do. If not, somebody else can write into the domain's DNS: remove this record, and find out how
        it came there.

        {Record(second)}
        """, ct);

    /// <summary>To the owners of <paramref name="parent"/>: another account has proved a name below it.</summary>
    public Task SplitOffAsync(PostmasterDb db, DomainClaim parent, DomainClaim child, CancellationToken ct) => TellOwnersAsync(db, parent, $"Another account has proved {Shown(child.Domain)}", $"""
        Another account has proved {Shown(child.Domain)}, which lies below your domain {Shown(parent.Domain)}. Complaints about mail signed by
        {Shown(child.Domain)} go to that account from now on, no longer to you. Everything else stays as it is.

        If you know of this, there is nothing to do. If not, remove this record, or prove {Shown(child.Domain)} yourself as well:

        {Record(child)}
        """, ct);

    /// <summary>The name for people, with its A-labels when they differ: a look-alike name shows itself.</summary>
    internal static string Shown(string domain)
    {
        string unicode = DomainName.TryParse(domain, out DomainName? name, out _) ? name.Unicode : domain;
        return string.Equals(unicode, domain, StringComparison.Ordinal) ? domain : $"{unicode} ({domain})";
    }

    internal static string Instant(DateTimeOffset at) => at.ToUniversalTime().ToString("d MMMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private string Record(DomainClaim claim)
    {
        Challenge challenge = Challenge.For(options.Value.ChallengeLabel, DomainName.Parse(claim.Domain), claim.Token);
        return $"Name:  {challenge.Name}\nType:  TXT\nValue: {challenge.Value}";
    }

    private async Task TellOwnersAsync(PostmasterDb db, DomainClaim claim, string subject, string text, CancellationToken ct)
    {
        List<string?> owners = await (
            from m in db.Members
            join user in db.Users on m.UserId equals user.Id
            where m.ClaimId == claim.Id && m.Role == MemberRole.Owner && user.EmailConfirmed
            orderby m.CreatedAt, m.UserId
            select user.Email).ToListAsync(ct);
        var content = new NoticeContent(subject, $"{text}\n\n{provider.Value.Name}\n");
        foreach (string? owner in owners.Where(o => o is not null))
            outbox.Add(db, owner!, content);
    }
}
