namespace Postmaster.Fbl.Mime;

/// <summary>A message over the octets as they came. All offsets count from the start of <see cref="Bytes"/>; no octet is changed or copied.</summary>
public sealed class RawMessage
{
    internal RawMessage(ReadOnlyMemory<byte> bytes, MimePart root, IReadOnlyList<MessageProblem> problems)
    {
        Bytes = bytes;
        Root = root;
        Problems = problems;
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    public HeaderBlock Headers => Root.Headers;

    /// <summary>The first octet after the blank line; the length of the message when it has no body.</summary>
    public int BodyOffset => Root.BodyOffset;

    public ReadOnlyMemory<byte> Body => Bytes[BodyOffset..];

    /// <summary>The message itself as the root of the tree of its parts.</summary>
    public MimePart Root { get; }

    /// <summary>What was off, in the order in which it was met; the first fifty, and every limit that was reached.</summary>
    public IReadOnlyList<MessageProblem> Problems { get; }

    public bool HasProblem(string code) => Problems.Any(problem => string.Equals(problem.Code, code, StringComparison.Ordinal));
}
