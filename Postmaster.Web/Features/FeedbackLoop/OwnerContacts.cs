using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>The other way to a claim's owners when its feedback address does not do: the addresses of their accounts.</summary>
internal static class OwnerContacts
{
    /// <summary>Confirmed addresses of the owners, the oldest membership first, without the very address that the news is about.</summary>
    public static async Task<List<string>> OfAsync(PostmasterDb db, Guid claimId, string except, CancellationToken ct)
    {
        List<string?> owners = await (
            from member in db.Members
            join user in db.Users on member.UserId equals user.Id
            where member.ClaimId == claimId && member.Role == MemberRole.Owner && user.EmailConfirmed
            orderby member.CreatedAt, member.UserId
            select user.Email).ToListAsync(ct);
        return [.. owners.OfType<string>().Where(o => !IsSame(o, except))];
    }

    private static bool IsSame(string one, string other) =>
        MailAddress.TryParse(one, out MailAddress? a, out _) && MailAddress.TryParse(other, out MailAddress? b, out _)
        && string.Equals(a.ToString(), b.ToString(), StringComparison.OrdinalIgnoreCase);
}
