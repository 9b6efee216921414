using System.Buffers;
using System.Buffers.Text;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Dkim;

/// <summary>Reads key records (RFC 6376 §3.6.1). Unknown tags, <c>n=</c> and the old <c>g=</c> are passed over.</summary>
public static class DkimRecordParser
{
    /// <summary>Attack: a TXT record of 64 KB. A key of 8192 bits takes 1.5 KB.</summary>
    public const int MaxRecordOctets = 4096;

    /// <param name="text">The strings of one TXT record, joined without a space.</param>
    /// <param name="record">The key; null when it cannot verify mail.</param>
    /// <param name="problem">Why it cannot, e.g. <see cref="DkimProblem.KeyRevoked"/>.</param>
    public static bool TryParse(ReadOnlyMemory<byte> text, out DkimRecord? record, out DkimProblem problem)
    {
        (record, problem, _) = Read(text);
        return record is not null;
    }

    internal static DkimRecordOutcome Read(ReadOnlyMemory<byte> text)
    {
        if (text.Length > MaxRecordOctets || !TagList.TryParse(text, out var tags, out _))
            return DkimRecordOutcome.Of(DkimProblem.KeySyntax);

        // RFC 6376 §3.6.1: v= is optional, but where it stands it comes first and says DKIM1.
        if (tags!.TryGet("v"u8, out var version) && (tags.IndexOf("v"u8) != 0 || !version.SequenceEqual("DKIM1"u8)))
            return DkimRecordOutcome.Of(DkimProblem.KeySyntax);
        if (!tags.TryGet("p"u8, out var key))
            return DkimRecordOutcome.Of(DkimProblem.KeySyntax);
        if (key.IsEmpty)
            return DkimRecordOutcome.Of(DkimProblem.KeyRevoked);
        if (tags.TryGet("h"u8, out var hashes) && !ColonList.Contains(hashes, "sha256"u8))
            return DkimRecordOutcome.Of(DkimProblem.HashNotAllowed);
        if (tags.TryGet("s"u8, out var services) && !ColonList.Contains(services, "*"u8) && !ColonList.Contains(services, "email"u8))
            return DkimRecordOutcome.Of(DkimProblem.ServiceNotAllowed);

        var isRsa = !tags.TryGet("k"u8, out var type) || type.SequenceEqual("rsa"u8);
        if (!isRsa && !type.SequenceEqual("ed25519"u8))
            return DkimRecordOutcome.Of(DkimProblem.UnknownKeyType);

        tags.TryGet("t"u8, out var flags);
        return ReadKey(key, isRsa, ColonList.Contains(flags, "y"u8), ColonList.Contains(flags, "s"u8));
    }

    private static DkimRecordOutcome ReadKey(ReadOnlySpan<byte> base64, bool isRsa, bool testing, bool exactDomain)
    {
        var octets = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        if (Base64.DecodeFromUtf8(base64, octets, out _, out var length) != OperationStatus.Done) // passes over white space
            return DkimRecordOutcome.Of(DkimProblem.KeySyntax);

        var bits = 0;
        var key = isRsa
            ? DkimPublicKey.FromRsa(octets.AsMemory(0, length), out bits, out var problem)
            : DkimPublicKey.FromEd25519(octets.AsSpan(0, length), out problem);
        return new DkimRecordOutcome(key is null ? null : new DkimRecord(key, testing, exactDomain), problem, key?.Bits ?? bits);
    }
}

/// <summary>What came of one TXT record.</summary>
/// <param name="Record">Null when there is a problem.</param>
/// <param name="Problem">None when there is a record.</param>
/// <param name="KeyBits">The size of the key, also when it is too small or too large; 0 when no key was read.</param>
internal readonly record struct DkimRecordOutcome(DkimRecord? Record, DkimProblem Problem, int KeyBits)
{
    public static DkimRecordOutcome Of(DkimProblem problem) => new(null, problem, 0);
}
