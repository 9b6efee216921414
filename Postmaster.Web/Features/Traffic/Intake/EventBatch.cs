using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>A part of a file of events, as it is sent.</summary>
/// <param name="FirstLine">Its first line's number in the file, from 1.</param>
/// <param name="Key">Idempotency key made of the content and its place: the same file, cut the same way, has the same keys.</param>
/// <param name="TooLong">Numbers in the file of lines that no server takes; an empty line stands in their place.</param>
public sealed record EventBatch(int FirstLine, ReadOnlyMemory<byte> Content, string Key, IReadOnlyList<int> TooLong)
{
    /// <summary>How many it has, empty ones too.</summary>
    public int Lines => Content.Span.Count((byte)'\n');

    /// <summary>Lines of a batch.</summary>
    public const int MaxLines = 5000;

    /// <summary>Octets of a batch, so that long lines do not make a request that the server refuses.</summary>
    private const int MaxOctets = 8 * 1024 * 1024;

    /// <summary>Cuts a file into batches, holding one at a time. Batches without any text are left out.</summary>
    public static async IAsyncEnumerable<EventBatch> CutAsync(Stream file, [EnumeratorCancellation] CancellationToken ct)
    {
        var cutter = new Cutter();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(EventLimits.Line);
        try
        {
            int read;
            while ((read = await file.ReadAsync(buffer, ct)) > 0)
            {
                for (int at = 0; at < read;)
                {
                    at += cutter.Take(buffer.AsSpan(at, read - at));
                    if (cutter.IsFull && cutter.Cut() is { } full)
                        yield return full;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (cutter.Cut() is { } last)
            yield return last;
    }

    private sealed class Cutter
    {
        private readonly List<int> _tooLong = [];
        private ArrayBufferWriter<byte> _content = new();
        private int _number, _firstLine = 1, _lines, _lineLength;
        private bool _hasText;

        public bool IsFull => _lines >= MaxLines || (_content.WrittenCount >= MaxOctets && _lineLength == 0);

        /// <summary>Takes octets up to the end of a line; returns how many.</summary>
        public int Take(ReadOnlySpan<byte> octets)
        {
            int end = octets.IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = end < 0 ? octets : octets[..end];
            int room = EventLimits.Line + 1 - _lineLength;
            _lineLength = (int)Math.Min(int.MaxValue, (long)_lineLength + part.Length);
            if (room > 0)
                _content.Write(part[..Math.Min(room, part.Length)]);
            _hasText |= part.ContainsAnyExcept(" \t\r"u8);
            if (end < 0)
                return part.Length;
            EndLine();
            return end + 1;
        }

        public EventBatch? Cut()
        {
            if (_lineLength > 0)
                EndLine();
            ReadOnlyMemory<byte> content = _content.WrittenMemory;
            EventBatch? batch = _hasText ? new EventBatch(_firstLine, content, KeyOf(_number++, content.Span), [.. _tooLong]) : null;
            _content = new ArrayBufferWriter<byte>(Math.Max(256, content.Length));
            _tooLong.Clear();
            _firstLine += _lines;
            _lines = 0;
            _hasText = false;
            return batch;
        }

        private void EndLine()
        {
            // One more for the CR of a CR LF.
            if (_lineLength > EventLimits.Line + 1)
            {
                _tooLong.Add(_firstLine + _lines);
                var without = new ArrayBufferWriter<byte>(_content.Capacity);
                without.Write(_content.WrittenSpan[..^(EventLimits.Line + 1)]);
                _content = without;
            }

            _content.Write("\n"u8);
            _lines++;
            _lineLength = 0;
        }

        private static string KeyOf(int number, ReadOnlySpan<byte> content) =>
            string.Create(CultureInfo.InvariantCulture, $"ingest-{number}-{Convert.ToHexStringLower(SHA256.HashData(content))}");
    }
}
