using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Web.Features.Intake;

/// <summary>Ids of kept complaints: the same hand-over, repeated, has the same id.</summary>
public static class ComplaintId
{
    /// <summary>Octets of an Idempotency-Key.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>The id of a complaint that the caller names by a key of its own; the HTTP door and the spool agree on it.</summary>
    public static Guid FromKey(string key) => From("key", Encoding.UTF8.GetBytes(key));

    /// <summary>The id of a mail by its octets: a client that lost our reply sends exactly the same again.</summary>
    /// <param name="address">What it was sent to, and which of its attached messages is meant.</param>
    public static Guid FromMail(string address, ReadOnlySpan<byte> mail) => From(address, SHA256.HashData(mail));

    /// <summary>Visible ASCII, of bounded length.</summary>
    public static bool IsKey(string? key) => key is { Length: > 0 and <= MaxKeyLength } && key.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;

    private static Guid From(string space, ReadOnlySpan<byte> value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(space));
        hash.AppendData([0]);
        hash.AppendData(value);
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
