namespace Postmaster.Fbl.Smtp;

/// <summary>How many octets of messages all sessions of a door together may hold. What goes beyond is not taken; LMTP answers 452 4.3.1. Safe for many threads.</summary>
public sealed class SmtpMemoryBudget(long maxBytes)
{
    private long used;

    public long MaxBytes { get; } = maxBytes;

    public long UsedBytes => Interlocked.Read(ref used);

    internal bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref used, bytes) <= MaxBytes)
            return true;
        Release(bytes);
        return false;
    }

    internal void Release(long bytes) => Interlocked.Add(ref used, -bytes);
}
