using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// Reads DKIM-Signature fields strictly: RFC 6376 §6.1.1 makes any inconsistency final. Reads on after a problem as far as it can,
/// so that the verdict can name the domain; the first problem found is kept.
/// </summary>
internal static class DkimSignatureParser
{
    /// <summary>Attack: an endless <c>h=</c>, each name of which is looked for among the fields. Real ones have up to fifty.</summary>
    public const int MaxSignedFields = 256;

    private const int DigestSize = 32;

    public static DkimSignature Read(ReadOnlyMemory<byte> raw, int index, DkimVerifierOptions options)
    {
        var signature = Open(raw, index, out var tags, out var start);
        if (tags is null)
            return signature;

        ReadOnlySpan<DkimProblem> problems =
        [
            ReadVersion(tags),
            RequireTags(tags, "a", "b", "bh", "d", "h", "s"),
            ReadDomain(signature, tags, options),
            ReadAlgorithm(signature, tags),
            ReadSignatureValue(signature, tags, start),
            ReadBodyHash(signature, tags),
            ReadCanonicalization(signature, tags),
            ReadSignedFields(signature, tags),
            ReadIdentity(signature, tags),
            ReadTimes(signature, tags),
            ReadBodyLength(signature, tags),
            ReadQueryMethods(tags),
        ];
        return Close(signature, problems);
    }

    /// <summary>ARC-Message-Signature is written as DKIM-Signature, but has no <c>v=</c>, and <c>i=</c> is a number (RFC 8617 §4.1.2).</summary>
    public static DkimSignature ReadArcMessageSignature(ReadOnlyMemory<byte> raw, int instance, DkimVerifierOptions options)
    {
        var signature = Open(raw, instance, out var tags, out var start);
        if (tags is null)
            return signature;
        return Close(signature,
        [
            RequireTags(tags, "a", "b", "bh", "d", "h", "s"),
            ReadDomain(signature, tags, options),
            ReadAlgorithm(signature, tags),
            ReadSignatureValue(signature, tags, start),
            ReadBodyHash(signature, tags),
            ReadCanonicalization(signature, tags),
            ReadSignedFields(signature, tags),
            ReadTimes(signature, tags),
            ReadBodyLength(signature, tags),
            ReadQueryMethods(tags),
        ]);
    }

    /// <summary>ARC-Seal covers neither the body nor fields of its choice, and knows one canonicalization (RFC 8617 §4.1.3).</summary>
    public static DkimSignature ReadArcSeal(ReadOnlyMemory<byte> raw, int instance, DkimVerifierOptions options)
    {
        var signature = Open(raw, instance, out var tags, out var start);
        signature.HeaderCanonicalization = DkimCanonicalization.Relaxed;
        if (tags is null)
            return signature;
        return Close(signature,
        [
            RequireTags(tags, "a", "b", "cv", "d", "s"),
            ReadDomain(signature, tags, options),
            ReadAlgorithm(signature, tags),
            ReadSignatureValue(signature, tags, start),
            ReadTimes(signature, tags),
        ]);
    }

    private static DkimSignature Open(ReadOnlyMemory<byte> raw, int index, out TagList? tags, out int start)
    {
        start = raw.Span.IndexOf((byte)':') + 1;
        var end = HeaderCanonicalizer.TrimLineEnd(raw.Span).Length;
        var isList = TagList.TryParse(raw[start..end], out tags, out _);
        return new DkimSignature { Index = index, Raw = raw, Problem = isList ? DkimProblem.None : DkimProblem.SignatureSyntax };
    }

    private static DkimSignature Close(DkimSignature signature, ReadOnlySpan<DkimProblem> problems)
    {
        var first = problems.IndexOfAnyExcept(DkimProblem.None);
        signature.Problem = first < 0 ? DkimProblem.None : problems[first];
        return signature;
    }

    private static DkimProblem ReadVersion(TagList tags)
    {
        if (!tags.TryGet("v"u8, out var version))
            return DkimProblem.TagMissing;
        return version.SequenceEqual("1"u8) ? DkimProblem.None : DkimProblem.UnknownVersion;
    }

    private static DkimProblem RequireTags(TagList tags, params ReadOnlySpan<string> names)
    {
        Span<byte> name = stackalloc byte[2];
        foreach (var required in names)
        {
            var length = Encoding.ASCII.GetBytes(required, name);
            if (tags.IndexOf(name[..length]) < 0)
                return DkimProblem.TagMissing;
        }
        return DkimProblem.None;
    }

    private static DkimProblem ReadDomain(DkimSignature signature, TagList tags, DkimVerifierOptions options)
    {
        if (!DomainName.TryParse(tags.Text("d"u8), out var domain, out _) || domain!.LabelCount < 2)
            return DkimProblem.BadDomain; // a single label is nobody's to sign for
        signature.Domain = domain;
        if (options.RefusedDomains.Contains(domain))
            return DkimProblem.BadDomain;
        var selector = tags.Text("s"u8);
        if (!DomainName.TryParse(selector, out _, out _) || !DomainName.TryParse($"{selector}._domainkey.{domain.Ascii}", out var keyName, out _))
            return DkimProblem.BadSelector;
        signature.Selector = selector;
        signature.KeyName = keyName;
        return DkimProblem.None;
    }

    private static DkimProblem ReadAlgorithm(DkimSignature signature, TagList tags)
    {
        signature.Algorithm = tags.Text("a"u8) switch
        {
            DkimAlgorithm.RsaSha256 => DkimAlgorithm.RsaSha256,
            DkimAlgorithm.Ed25519Sha256 => DkimAlgorithm.Ed25519Sha256,
            { Length: > 0 and <= 32 } other when other.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') => other,
            _ => null,
        };
        return signature.Algorithm switch
        {
            null => DkimProblem.SignatureSyntax,
            DkimAlgorithm.RsaSha256 or DkimAlgorithm.Ed25519Sha256 => DkimProblem.None,
            DkimAlgorithm.RsaSha1 => DkimProblem.WeakAlgorithm, // RFC 8301 §3.1
            _ => DkimProblem.UnsupportedAlgorithm, // RFC 6376 §3.3
        };
    }

    private static DkimProblem ReadSignatureValue(DkimSignature signature, TagList tags, int valueStart)
    {
        tags.TryGet("b"u8, out var b);
        if (tags.OuterRange("b"u8) is { } range)
            signature.SignatureRange = (range.Start.Value + valueStart)..(range.End.Value + valueStart);
        if (!TryDecode(b, out var octets) || octets.Length == 0)
            return DkimProblem.SignatureSyntax;
        signature.Signature = octets;
        signature.SignaturePrefix = Prefix(b);
        return DkimProblem.None;
    }

    private static DkimProblem ReadBodyHash(DkimSignature signature, TagList tags)
    {
        tags.TryGet("bh"u8, out var bh);
        if (!TryDecode(bh, out var octets) || octets.Length != DigestSize)
            return DkimProblem.SignatureSyntax;
        signature.BodyHash = octets;
        return DkimProblem.None;
    }

    private static DkimProblem ReadCanonicalization(DkimSignature signature, TagList tags)
    {
        if (!tags.TryGet("c"u8, out var value))
            return DkimProblem.None; // RFC 6376 §3.5: simple/simple
        var slash = value.IndexOf((byte)'/');
        if (!TryReadCanonicalization(slash < 0 ? value : value[..slash], out var header))
            return DkimProblem.UnsupportedCanonicalization;
        var body = DkimCanonicalization.Simple; // RFC 6376 §3.5: one word means word/simple
        if (slash >= 0 && !TryReadCanonicalization(value[(slash + 1)..], out body))
            return DkimProblem.UnsupportedCanonicalization;
        signature.HeaderCanonicalization = header;
        signature.BodyCanonicalization = body;
        return DkimProblem.None;
    }

    private static bool TryReadCanonicalization(ReadOnlySpan<byte> word, out DkimCanonicalization canonicalization)
    {
        canonicalization = word.SequenceEqual("relaxed"u8) ? DkimCanonicalization.Relaxed : DkimCanonicalization.Simple;
        return canonicalization == DkimCanonicalization.Relaxed || word.SequenceEqual("simple"u8);
    }

    private static DkimProblem ReadSignedFields(DkimSignature signature, TagList tags)
    {
        tags.TryGet("h"u8, out var value);
        if (value.Count((byte)':') >= MaxSignedFields)
            return DkimProblem.TooManySignedFields;
        var names = new List<string>();
        foreach (var range in value.Split((byte)':'))
        {
            var name = ColonList.Trim(value[range]);
            if (name.IsEmpty || name.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E) >= 0)
                return DkimProblem.SignatureSyntax;
            names.Add(Encoding.ASCII.GetString(name));
        }
        signature.SignedFields = names;
        // RFC 6376 §5.4: From has to be among them.
        return names.Contains("From", StringComparer.OrdinalIgnoreCase) ? DkimProblem.None : DkimProblem.FromNotSigned;
    }

    private static DkimProblem ReadIdentity(DkimSignature signature, TagList tags)
    {
        var value = tags.Text("i"u8);
        if (value is null)
        {
            signature.IdentityDomain = signature.Domain;
            signature.Identity = signature.Domain is null ? null : $"@{signature.Domain.Ascii}";
            return DkimProblem.None;
        }
        var at = value.LastIndexOf('@');
        if (at < 0 || !DomainName.TryParse(value[(at + 1)..], out var domain, out _))
            return DkimProblem.SignatureSyntax;
        signature.Identity = value;
        signature.IdentityDomain = domain;
        // RFC 6376 §3.5: the same domain or a subdomain, at a label's boundary.
        return signature.Domain is null || domain!.IsEqualOrSubdomainOf(signature.Domain) ? DkimProblem.None : DkimProblem.IdentityMismatch;
    }

    private static DkimProblem ReadTimes(DkimSignature signature, TagList tags)
    {
        const int maxDigits = 12; // RFC 6376 §3.5: 1*12DIGIT
        if (!TryReadNumber(tags, "t"u8, maxDigits, out var signedAt) || !TryReadNumber(tags, "x"u8, maxDigits, out var expiresAt))
            return DkimProblem.SignatureSyntax;
        signature.SignedAt = signedAt;
        signature.ExpiresAt = expiresAt;
        return expiresAt <= signedAt ? DkimProblem.ExpiresBeforeSigned : DkimProblem.None;
    }

    private static DkimProblem ReadBodyLength(DkimSignature signature, TagList tags)
    {
        const int maxDigits = 76; // RFC 6376 §3.5: 1*76DIGIT; what exceeds 63 bits is longer than any body
        if (!TryReadNumber(tags, "l"u8, maxDigits, out var length))
            return DkimProblem.SignatureSyntax;
        signature.BodyLength = length;
        return DkimProblem.None;
    }

    private static DkimProblem ReadQueryMethods(TagList tags)
    {
        if (!tags.TryGet("q"u8, out var methods) || ColonList.Contains(methods, "dns/txt"u8) || ColonList.Contains(methods, "dns"u8))
            return DkimProblem.None;
        return DkimProblem.UnsupportedQueryMethod;
    }

    private static bool TryReadNumber(TagList tags, ReadOnlySpan<byte> name, int maxDigits, out long? number)
    {
        number = null;
        if (!tags.TryGet(name, out var digits))
            return true;
        if (digits.IsEmpty || digits.Length > maxDigits || digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            return false;
        number = Utf8Parser.TryParse(digits, out long value, out _) ? value : long.MaxValue;
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> base64, out byte[] octets)
    {
        octets = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length)];
        var done = Base64.DecodeFromUtf8(base64, octets, out _, out var length) == OperationStatus.Done; // passes over white space
        if (length != octets.Length)
            octets = octets[..length];
        return done;
    }

    private static string Prefix(ReadOnlySpan<byte> base64)
    {
        const int length = 8; // RFC 6008 §4
        Span<char> prefix = stackalloc char[length];
        var used = 0;
        foreach (var octet in base64)
        {
            if (used < length && octet > ' ')
                prefix[used++] = (char)octet;
        }
        return new string(prefix[..used]);
    }
}
