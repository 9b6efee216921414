using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// Keys that were read lately, by the digest of their record's text: the DNS still says which record counts, only the reading is saved.
/// The least recently used goes first. Safe for many threads.
/// </summary>
internal sealed class DkimRecordCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Digest, LinkedListNode<(Digest Digest, DkimRecordOutcome Outcome)>> _byDigest = [];
    private readonly LinkedList<(Digest Digest, DkimRecordOutcome Outcome)> _byUse = [];

    /// <summary>How many records are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _byUse.Count;
        }
    }

    public DkimRecordOutcome Read(ReadOnlyMemory<byte> text)
    {
        Digest digest = default;
        SHA256.HashData(text.Span, MemoryMarshal.AsBytes(new Span<Digest>(ref digest)));
        lock (_lock)
        {
            if (_byDigest.TryGetValue(digest, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Outcome;
            }
        }

        var outcome = DkimRecordParser.Read(text);
        if (outcome.Record is not null) // rubbish is quick to read and must not push keys out
            Keep(digest, outcome);
        return outcome;
    }

    private void Keep(Digest digest, DkimRecordOutcome outcome)
    {
        lock (_lock)
        {
            if (_byDigest.ContainsKey(digest))
                return;
            _byDigest[digest] = _byUse.AddFirst((digest, outcome));
            if (_byUse.Count <= capacity)
                return;
            // Not disposed: another thread may be verifying with it, and its handle frees itself.
            _byDigest.Remove(_byUse.Last!.Value.Digest);
            _byUse.RemoveLast();
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Digest(ulong A, ulong B, ulong C, ulong D);
}
