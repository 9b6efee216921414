using System.Collections.Frozen;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Milter;

/// <summary>Where the traps are. Configuration section <c>Traffic</c>.</summary>
public sealed class TrapOptions
{
    public const string Section = "Traffic";

    /// <summary>A file with an address or <c>@domain</c> a line, <c>#</c> before remarks; read again when it changes. Empty: there are no traps.</summary>
    public string TrapAddresses { get; set; } = "";

    /// <summary>How often the file is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00", ErrorMessage = "Traffic:TrapInterval must be between 00:00:00.1 and 1.00:00:00.")]
    public TimeSpan TrapInterval { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Addresses that nobody uses, so that whoever writes to one has them from nowhere good. They are worth nothing once they are known: in memory there are
/// only keyed hashes of them, and no page, log or answer ever names one.
/// </summary>
internal sealed class TrapAddresses(IOptions<TrapOptions> options, TimeProvider time, ILogger<TrapAddresses> log)
{
    /// <summary>Octets of the file; a list of a million addresses fits.</summary>
    private const long MaxFileBytes = 64 * 1024 * 1024;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _gate = new();
    private FrozenSet<UInt128> _hashes = [];
    private DateTimeOffset _lookedAt = DateTimeOffset.MinValue;
    private DateTime _writtenAt;

    /// <param name="address">As the client wrote it.</param>
    public bool Contains(string address)
    {
        if (options.Value.TrapAddresses.Length == 0)
            return false;
        LookAtFile();
        FrozenSet<UInt128> hashes = _hashes;
        return hashes.Count > 0 && MailAddress.TryParse(address, out MailAddress? parsed, out _)
            && (hashes.Contains(Hash(Text(parsed))) || hashes.Contains(Hash("@" + parsed.Domain.Ascii)));
    }

    private void LookAtFile()
    {
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (now - _lookedAt < options.Value.TrapInterval)
                return;
            _lookedAt = now;
            string file = options.Value.TrapAddresses;
            try
            {
                var info = new FileInfo(file);
                if (info.LastWriteTimeUtc == _writtenAt)
                    return;
                if (info.Length > MaxFileBytes)
                    throw new IOException($"{file} has more than {MaxFileBytes} octets.");
                DateTime writtenAt = info.LastWriteTimeUtc;
                _hashes = Read(file).ToFrozenSet();
                _writtenAt = writtenAt;
                log.TrapsRead(_hashes.Count);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or DecoderFallbackException)
            {
                log.TrapsNotRead(file, problem);
            }
        }
    }

    private IEnumerable<UInt128> Read(string file)
    {
        int number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            int remark = line.IndexOf('#', StringComparison.Ordinal);
            string text = (remark < 0 ? line : line[..remark]).Trim();
            if (text.Length == 0)
                continue;
            if (text.StartsWith('@') && DomainName.TryParse(text[1..], out DomainName? domain, out _))
                yield return Hash("@" + domain.Ascii);
            else if (MailAddress.TryParse(text, out MailAddress? address, out _))
                yield return Hash(Text(address));
            else
                log.TrapsBadLine(number);
        }
    }

    /// <summary>Providers compare local-parts without regard to case, whatever RFC 5321 §2.4 allows.</summary>
    private static string Text(MailAddress address) => $"{address.LocalPart.ToLowerInvariant()}@{address.Domain.Ascii}";

    private UInt128 Hash(string text) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)));
}
