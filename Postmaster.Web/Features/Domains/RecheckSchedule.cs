using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>When a claim is looked at again: often while somebody waits for it, seldom but for ever once it was proved.</summary>
public static class RecheckSchedule
{
    public static readonly TimeSpan WhilePending = TimeSpan.FromMinutes(5), AfterOneDay = TimeSpan.FromHours(1), AfterOneWeek = TimeSpan.FromDays(1);
    public static readonly TimeSpan WhileWarned = TimeSpan.FromHours(1);

    /// <summary>A record that has not come after this long is looked for by button only.</summary>
    public static readonly TimeSpan GiveUp = TimeSpan.FromDays(30);

    /// <returns>Null: never again by itself.</returns>
    public static DateTimeOffset? Next(DomainClaim claim, ClaimOutcome seen, DateTimeOffset now, ClaimsOptions options)
    {
        switch (claim.State)
        {
            case ClaimState.Pending:
                TimeSpan age = now - claim.CreatedAt;
                return age < TimeSpan.FromDays(1) ? now + WhilePending
                    : age < TimeSpan.FromDays(7) ? now + AfterOneDay
                    : age < GiveUp ? now + AfterOneWeek
                    : null;
            case ClaimState.Warned:
                // Not later than the end of the grace period, so that it ends on time.
                DateTimeOffset end = claim.LostAt!.Value + options.Grace;
                return end > now && end < now + WhileWarned ? end : now + WhileWarned;
            default:
                // DNS that is broken now says nothing; it is asked again sooner.
                TimeSpan usual = options.RecheckInterval;
                return now + (seen == ClaimOutcome.Inconclusive && usual > WhileWarned ? WhileWarned : usual);
        }
    }
}
