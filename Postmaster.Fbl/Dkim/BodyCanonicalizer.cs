using System.Buffers;
using System.Security.Cryptography;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// Hashes a body in its canonical form (RFC 6376 §3.4.3, §3.4.4) piece by piece, in bounded memory. A bare LF counts as a line end;
/// a bare CR is an ordinary octet. White space is SP and TAB only.
/// </summary>
internal sealed class BodyCanonicalizer : IDisposable
{
    private const int StagingSize = 16 * 1024;
    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);
    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);

    private readonly bool _relaxed;
    private readonly SearchValues<byte> _special;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _staging = ArrayPool<byte>.Shared.Rent(StagingSize);
    private long _toHash;
    private int _staged;
    private bool _return;
    private bool _space;
    private long _lineEnds;

    /// <param name="canonicalization">The second word of <c>c=</c>.</param>
    /// <param name="limit">How many canonical octets are hashed at most (<c>l=</c>); null for all.</param>
    public BodyCanonicalizer(DkimCanonicalization canonicalization, long? limit = null)
    {
        _relaxed = canonicalization == DkimCanonicalization.Relaxed;
        _special = _relaxed ? Space : LineEnds;
        _toHash = limit ?? long.MaxValue;
    }

    /// <summary>Canonical octets so far, hashed or beyond the limit; final after <see cref="Finish"/>.</summary>
    public long Length { get; private set; }

    /// <summary>Whether a line ended in a bare LF, so that what is hashed was not what was received.</summary>
    public bool BareLineFeeds { get; private set; }

    public void Append(ReadOnlySpan<byte> piece)
    {
        var position = 0;
        while (position < piece.Length)
        {
            var run = _return || _special.Contains(piece[position]) ? 0 : RunLength(piece[position..]);
            if (run > 0)
            {
                WriteContent(piece.Slice(position, run));
                position += run;
            }
            else
            {
                AppendSpecial(piece[position++]);
            }
        }
    }

    /// <summary>Ends the body and writes the SHA-256 digest.</summary>
    public void Finish(Span<byte> digest)
    {
        if (_return)
        {
            _return = false;
            WriteContent("\r"u8);
        }
        if (Length > 0 || !_relaxed) // RFC 6376 §3.4.3: an empty body is one CRLF when simple; §3.4.4: nothing when relaxed
            Write("\r\n"u8);
        Flush();
        _hash.GetHashAndReset(digest);
    }

    /// <summary>
    /// The digest as if the body ended here, right after a line that is not empty; more may follow. For finding where a footer begins.
    /// </summary>
    public void DigestSoFar(Span<byte> digest)
    {
        for (; _lineEnds > 0; _lineEnds--)
            Write("\r\n"u8);
        Flush();
        _hash.GetCurrentHash(digest);
    }

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_staging);
    }

    /// <summary>
    /// How many octets from the start, the first of which is an ordinary one, are already canonical whatever follows: most of a usual body
    /// is, and goes to the hash many lines at a time.
    /// </summary>
    private int RunLength(ReadOnlySpan<byte> piece)
    {
        var end = CanonicalScan.FirstChange(piece, _relaxed);
        end = end < 0 ? piece.Length : end + 1;
        while (_special.Contains(piece[end - 1])) // these may yet turn out to stand at the end of a line or of the body
            end--;
        return end;
    }

    private void AppendSpecial(byte octet)
    {
        if (octet == '\n')
        {
            BareLineFeeds |= !_return;
            _return = false;
            _space = false;
            _lineEnds++;
            return;
        }
        if (_return)
        {
            _return = false;
            WriteContent("\r"u8);
        }
        if (octet == '\r')
            _return = true;
        else if (_relaxed && octet is (byte)' ' or (byte)'\t')
            _space = true;
        else
            WriteContent([octet]);
    }

    private void WriteContent(ReadOnlySpan<byte> content)
    {
        for (; _lineEnds > 0; _lineEnds--)
            Write("\r\n"u8);
        if (_space)
        {
            _space = false;
            Write(" "u8);
        }
        Write(content);
    }

    private void Write(ReadOnlySpan<byte> octets)
    {
        Length += octets.Length;
        if (octets.Length > _toHash)
            octets = octets[..(int)_toHash];
        _toHash -= octets.Length;
        if (octets.Length > StagingSize - _staged)
            Flush();
        if (octets.Length >= StagingSize / 4)
        {
            Flush();
            _hash.AppendData(octets);
            return;
        }
        octets.CopyTo(_staging.AsSpan(_staged));
        _staged += octets.Length;
    }

    private void Flush()
    {
        _hash.AppendData(_staging.AsSpan(0, _staged));
        _staged = 0;
    }
}
