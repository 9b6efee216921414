using System.Security.Cryptography;
using System.Text;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// What stands behind a report's token in the envelope sender of a mail that goes to one member alone: what comes back there names the member, whatever address
/// it says has failed. Who does not know the member's link to leave cannot guess it, not even another member.
/// </summary>
internal static class MemberTag
{
    /// <summary>Stands between the token of the report and the tag; a token is hexadecimal digits.</summary>
    public const char Separator = '-';

    /// <summary>80 bits, as the token itself has.</summary>
    private const int Octets = 10;

    public static string Of(GroupMember member, OutboxMessage mail) =>
        Convert.ToHexStringLower(SHA256.HashData([.. member.LeaveHash, .. Encoding.ASCII.GetBytes(mail.BounceToken)]).AsSpan(0, Octets));

    /// <summary>The token of the report, and the tag behind it; null when there is none.</summary>
    public static (string Token, string? Tag) Split(string token)
    {
        int at = token.IndexOf(Separator, StringComparison.Ordinal);
        return at < 0 ? (token, null) : (token[..at], token[(at + 1)..]);
    }
}
