using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>The two addresses of a group at the portal's domain: the one that its reports are sent to in name, and the one that a member leaves by.</summary>
internal static class GroupAddress
{
    /// <summary>Local-parts, before "+" and the group's token.</summary>
    private const string Group = "fbl-group", Leaving = "fbl-leave";

    public static string Of(string token, string providerDomain) => $"{Group}+{token}@{DomainName.Parse(providerDomain).Ascii}";

    public static string LeavingOf(string token, string providerDomain) => $"{Leaving}+{token}@{DomainName.Parse(providerDomain).Ascii}";

    public static bool IsGroup(MailAddress address, string providerDomain) =>
        Is(address.LocalPart, Group) && DomainName.TryParse(providerDomain, out DomainName? own, out _) && address.Domain.Equals(own);

    public static bool IsGroup(string localPart) => Is(localPart, Group);

    public static bool IsLeaving(string localPart) => Is(localPart, Leaving);

    /// <summary>Local-parts are folded on the way.</summary>
    public static string TokenOf(string localPart) => localPart[(localPart.IndexOf('+', StringComparison.Ordinal) + 1)..].ToLowerInvariant();

    private static bool Is(string localPart, string name) => localPart.StartsWith(name + "+", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Groups that stand: their address has not ended and their claim is not removed.</summary>
internal static class StandingGroups
{
    public static IQueryable<FeedbackGroup> Standing(this Data.PostmasterDb db) =>
        db.FeedbackGroups.Where(g => db.FeedbackAddresses.Any(a => a.Id == g.FeedbackAddressId && a.EndedAt == null) && db.Claims.Any(c => c.Id == g.ClaimId));
}
