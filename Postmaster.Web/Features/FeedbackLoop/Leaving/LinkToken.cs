using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Web.Features.FeedbackLoop.Leaving;

/// <summary>The secret of a link that works for as long as what it ends: it leaves in mails, the database finds it by its hash and keeps it sealed beside.</summary>
internal static class LinkToken
{
    /// <summary>160 bits, as for the links that work once.</summary>
    private const int Octets = 20;

    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Octets));

    /// <summary>Null: no link of ours looks like this, so nothing has to be looked up.</summary>
    public static byte[]? HashOf(string? token) => token is { Length: Octets * 2 } ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;
}
