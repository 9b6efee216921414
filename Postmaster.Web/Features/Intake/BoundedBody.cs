using System.Buffers;
using System.IO.Pipelines;

namespace Postmaster.Web.Features.Intake;

/// <summary>What reading a body gave.</summary>
internal enum BodyRead
{
    Complete,

    /// <summary>More octets than allowed came, whatever Content-Length said.</summary>
    TooLarge,

    /// <summary>All requests together hold as much as they may.</summary>
    NoMemory,
}

/// <summary>Reads a request's body into memory, counting the octets that really come.</summary>
internal sealed class BoundedBody(HttpDoorLimits limits) : IDisposable
{
    private const int Step = 64 * 1024;
    private readonly ArrayBufferWriter<byte> _octets = new();
    private long _taken;

    public ReadOnlyMemory<byte> Octets => _octets.WrittenMemory;

    public async Task<BodyRead> ReadAsync(PipeReader body, int maxBytes, CancellationToken ct)
    {
        while (true)
        {
            ReadResult read = await body.ReadAsync(ct);
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                if (_octets.WrittenCount + segment.Length > maxBytes)
                    return BodyRead.TooLarge;
                if (!Reserve(_octets.WrittenCount + segment.Length))
                    return BodyRead.NoMemory;
                _octets.Write(segment.Span);
            }

            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return BodyRead.Complete;
        }
    }

    public void Dispose() => limits.Return(_taken);

    private bool Reserve(long wanted)
    {
        while (_taken < wanted)
        {
            if (!limits.TryTake(Step))
                return false;
            _taken += Step;
        }

        return true;
    }
}
