using System.Buffers;

namespace Postmaster.Web.Cli;

/// <summary>
/// Reads an mbox mail by mail, whatever its size: each begins with a line "From " at the start or after an empty line and ends with an empty line,
/// neither of which is a part of it; a quoted "&gt;From " loses one angle. One mail and one piece of the box are in memory.
/// </summary>
/// <param name="maxBytes">A longer mail is passed over, and null stands for it.</param>
internal sealed class MboxReader(Stream box, int maxBytes)
{
    private readonly byte[] _piece = new byte[81920];
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _start, _end;
    private bool _continued; // what stands in the line belongs to the one before, which was too long to be read at once

    public static ReadOnlySpan<byte> Separator => "From "u8;

    public IEnumerable<byte[]?> Read()
    {
        MemoryStream? mail = null;
        bool tooLong = false;
        bool separator = false;
        int emptyLine = 0; // octets of the line before when it was empty
        while (ReadLine())
        {
            if (_continued && separator)
                continue;
            separator = !_continued && (mail is null || emptyLine > 0) && Line.StartsWith(Separator);
            if (separator)
            {
                if (mail is not null)
                    yield return tooLong ? null : Ended(mail, emptyLine);
                (mail, tooLong, emptyLine) = (new MemoryStream(), false, 0);
                continue;
            }

            emptyLine = !_continued && Line is [(byte)'\n'] or [(byte)'\r', (byte)'\n'] ? _line.WrittenCount : 0;
            mail ??= new MemoryStream();
            if (tooLong)
                continue;
            tooLong = mail.Length + _line.WrittenCount > maxBytes;
            if (tooLong)
                mail.SetLength(0);
            else
                mail.Write(!_continued && IsQuoted(Line) ? Line[1..] : Line);
        }

        if (mail is not null)
            yield return tooLong ? null : Ended(mail, emptyLine);
    }

    private static byte[] Ended(MemoryStream mail, int emptyLine) => mail.GetBuffer()[..(int)(mail.Length - emptyLine)];

    private ReadOnlySpan<byte> Line => _line.WrittenSpan;

    private static bool IsQuoted(ReadOnlySpan<byte> line) => line is [(byte)'>', ..] && line.TrimStart((byte)'>').StartsWith(Separator);

    /// <summary>To the LF, or so far as one mail may be long: a box without line ends does not fill the memory.</summary>
    private bool ReadLine()
    {
        _continued = _line.WrittenCount > 0 && Line[^1] != '\n';
        _line.ResetWrittenCount();
        while (true)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, box.Read(_piece));
                if (_end == 0)
                    return _line.WrittenCount > 0;
            }

            ReadOnlySpan<byte> rest = _piece.AsSpan(_start.._end);
            int length = rest.IndexOf((byte)'\n') + 1;
            bool whole = length > 0;
            rest = whole ? rest[..length] : rest;
            _line.Write(rest);
            _start += rest.Length;
            if (whole || _line.WrittenCount > maxBytes)
                return true;
        }
    }
}
