using System.Buffers;

namespace Postmaster.Fbl.Smtp;

/// <summary>Holds one message up to its limits. Beyond them it lets go of what it held and only counts, so that the rest can be drained.</summary>
internal sealed class SmtpMessageBuffer(int maxBytes, SmtpMemoryBudget? budget) : IBufferWriter<byte>, IDisposable
{
    // A usual complaint fits; larger ones double. The declared SIZE is not believed.
    private const int FirstCapacity = 32 * 1024;

    private byte[] bytes = [];
    private int length;
    private byte[] scratch = [];

    public bool TooLarge { get; private set; }

    public bool OutOfMemory { get; private set; }

    public ReadOnlyMemory<byte> Written => bytes.AsMemory(0, length);

    private bool Failed => TooLarge || OutOfMemory;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var wanted = Math.Max(sizeHint, 1);
        if (!Failed && bytes.Length - length < wanted)
            Grow(wanted);
        if (!Failed)
            return bytes.AsMemory(length);
        if (scratch.Length < wanted)
            scratch = new byte[Math.Max(wanted, 4096)];
        return scratch;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        if (Failed)
            return;
        length += count;
        if (length > maxBytes)
        {
            TooLarge = true;
            LetGo();
        }
    }

    public void Dispose() => LetGo();

    private void Grow(int wanted)
    {
        var needed = (long)length + wanted;
        var capacity = Math.Max(Math.Min(Math.Max(FirstCapacity, 2L * bytes.Length), (long)maxBytes + 1), needed);
        if (needed > (long)maxBytes + 1)
        {
            TooLarge = true;
            LetGo();
        }
        else if (budget is not null && !budget.TryTake(capacity))
        {
            OutOfMemory = true;
            LetGo();
        }
        else
        {
            var old = bytes.Length;
            Array.Resize(ref bytes, (int)capacity);
            budget?.Release(old);
        }
    }

    private void LetGo()
    {
        budget?.Release(bytes.Length);
        (bytes, length) = ([], 0);
    }
}
