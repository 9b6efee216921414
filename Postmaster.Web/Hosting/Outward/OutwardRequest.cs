namespace Postmaster.Web.Hosting.Outward;

/// <summary>What is asked of a server that a stranger chose.</summary>
/// <param name="Target">Has to be <c>https://name/...</c> without port and user; its fragment is not sent.</param>
public sealed record OutwardRequest(HttpMethod Method, Uri Target)
{
    /// <summary>Octets of a body that are read at most, and what <see cref="MaxBody"/> is unless set. Attack: an answer without end. RFC 8461 §3.3 names the same for policies.</summary>
    public const int BodyLimit = 64 * 1024;

    /// <summary>Empty: no body.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Of <see cref="Body"/>.</summary>
    public string? ContentType { get; init; }

    /// <summary>Further header fields; visible ASCII and blanks.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>Octets of the answer's body that are wanted, up to <see cref="BodyLimit"/>; 0: the status is enough, and nothing is waited for after it.</summary>
    public int MaxBody { get; init; } = BodyLimit;
}
