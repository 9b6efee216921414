namespace Postmaster.Fbl.Mime;

/// <summary>
/// How much of a message is walked. What lies beyond a limit stays in <see cref="RawMessage.Bytes"/>, is named in
/// <see cref="RawMessage.Problems"/> and is not looked into.
/// </summary>
public sealed record MessageLimits
{
    public static MessageLimits Default { get; } = new();

    /// <summary>Octets of a whole message. A larger one is read as a header and one opaque body.</summary>
    public int MaxMessageBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Fields of one header block; stops header bombs (one object a field).</summary>
    public int MaxHeaderFields { get; init; } = 2_000;

    /// <summary>Octets of one header block; stops a body that pretends to be a header.</summary>
    public int MaxHeaderBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>Parts inside parts, the message itself being the first level; stops towers of multiparts and of forwarded messages.</summary>
    public int MaxDepth { get; init; } = 50;

    /// <summary>Parts of the whole tree; stops thousands of empty parts in a small mail.</summary>
    public int MaxParts { get; init; } = 2_000;

    /// <summary>Octets that one part may decode to when the caller names no limit of its own.</summary>
    public int MaxDecodedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Octets of a boundary. RFC 2046 §5.1.1 allows 70; senders exceed it, and the rest is an attack on the search.</summary>
    internal const int MaxBoundaryLength = 998;

    /// <summary>Problems kept for one message; the later ones would say the same again.</summary>
    internal const int MaxProblems = 50;
}
