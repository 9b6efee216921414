using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dkim;

/// <summary>Puts a DKIM-Signature on top of a message (RFC 6376 §5). Safe for many threads.</summary>
public sealed class DkimSigner
{
    /// <summary>RFC 5322 §2.1.1 wants up to 78, and a tab may stand in front.</summary>
    private const int LineLength = 76;

    private readonly DomainName _domain;
    private readonly string _selector;
    private readonly DkimPrivateKey _key;

    /// <param name="selector">One label or several; the key is published at <c>selector._domainkey.domain</c>.</param>
    /// <exception cref="ArgumentException">The selector is no name.</exception>
    public DkimSigner(DomainName domain, string selector, DkimPrivateKey key)
    {
        if (!DomainName.TryParse($"{selector}._domainkey.{domain.Ascii}", out var name, out _))
            throw new ArgumentException("A selector consists of labels of letters, digits and hyphens.", nameof(selector));
        (_domain, _selector, _key, KeyName) = (domain, selector, key, name);
    }

    /// <summary>Where <see cref="DkimPrivateKey.PublicKeyRecord"/> has to stand in the DNS.</summary>
    public DomainName KeyName { get; }

    /// <summary>The message with its signature on top, every line ended by CRLF.</summary>
    /// <param name="message">With CRLF or LF line ends. It must not be changed on the way: 7-bit, lines under 998 octets.</param>
    /// <param name="now">For <c>t=</c>.</param>
    /// <param name="options">Null for the defaults.</param>
    public byte[] Sign(ReadOnlySpan<byte> message, DateTimeOffset now, DkimSignerOptions? options = null)
    {
        options ??= new DkimSignerOptions();
        var octets = WithCrLf(message);
        var read = MessageReader.Read(octets);
        var names = options.SignedFields ?? Cover(read.Headers, options.Oversigned);

        var field = Encoding.ASCII.GetBytes(Compose(read, names, now, options));
        var signature = Encoding.ASCII.GetBytes(FoldSignature(SignHeader(read.Headers, names, field, options)));
        return [.. field, .. signature, .. "\r\n"u8, .. octets];
    }

    /// <summary>RFC 6376 §5.4: each instance, and once more to shut the door.</summary>
    private static List<string> Cover(HeaderBlock headers, IReadOnlyList<string> oversigned)
    {
        var names = new List<string>();
        foreach (var name in oversigned)
        {
            for (var i = headers.Count(name); i >= 0; i--)
                names.Add(name);
        }
        return names;
    }

    /// <summary>The field up to <c>b=</c>.</summary>
    private string Compose(RawMessage message, IReadOnlyList<string> names, DateTimeOffset now, DkimSignerOptions options)
    {
        var field = new StringBuilder("DKIM-Signature: v=1; ");
        field.Append(CultureInfo.InvariantCulture, $"a={_key.Algorithm}; c={Word(options.HeaderCanonicalization)}/{Word(options.BodyCanonicalization)};\r\n\t");
        field.Append(CultureInfo.InvariantCulture, $"d={_domain.Ascii}; s={_selector};\r\n\t");
        if (options.Identity is { } identity)
            field.Append(CultureInfo.InvariantCulture, $"i={identity};\r\n\t");
        field.Append(CultureInfo.InvariantCulture, $"t={now.ToUnixTimeSeconds()}; ");
        if (options.ExpiresAfter is { } span)
            field.Append(CultureInfo.InvariantCulture, $"x={(now + span).ToUnixTimeSeconds()}; ");
        if (options.BodyLength is { } length)
            field.Append(CultureInfo.InvariantCulture, $"l={length}; ");
        AppendNames(field, names);

        using var canonicalizer = new BodyCanonicalizer(options.BodyCanonicalization, options.BodyLength);
        canonicalizer.Append(message.Body.Span);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        canonicalizer.Finish(digest);
        return field.Append(CultureInfo.InvariantCulture, $";\r\n\tbh={Convert.ToBase64String(digest)};\r\n\tb=").ToString();
    }

    private static void AppendNames(StringBuilder field, IReadOnlyList<string> names)
    {
        field.Length--; // the space: the names begin a line
        field.Append("\r\n\t");
        var line = "h=";
        for (var i = 0; i < names.Count; i++)
        {
            var name = i == names.Count - 1 ? names[i] : names[i] + ":";
            if (line.Length + name.Length > LineLength)
            {
                field.Append(line).Append("\r\n\t");
                line = " ";
            }
            line += name;
        }
        field.Append(line);
    }

    private byte[] SignHeader(HeaderBlock headers, IReadOnlyList<string> names, byte[] field, DkimSignerOptions options)
    {
        using var octets = new PooledOctets();
        new FieldSelector(headers).Write(names, self: -2, options.HeaderCanonicalization, octets);
        HeaderCanonicalizer.WriteSignature(field, field.Length..field.Length, options.HeaderCanonicalization, octets);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(octets.Written, digest);
        return _key.Sign(digest);
    }

    private static string FoldSignature(byte[] signature)
        => string.Join("\r\n\t ", Convert.ToBase64String(signature).Chunk(LineLength - 4).Select(line => new string(line)));

    private static string Word(DkimCanonicalization canonicalization) => canonicalization == DkimCanonicalization.Relaxed ? "relaxed" : "simple";

    /// <summary>RFC 6376 §5.3: what is signed has the line ends that the wire will have.</summary>
    private static byte[] WithCrLf(ReadOnlySpan<byte> message)
    {
        var bare = 0;
        for (var i = 0; i < message.Length; i++)
        {
            if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r'))
                bare++;
        }
        if (bare == 0)
            return message.ToArray();

        var octets = new byte[message.Length + bare];
        var length = 0;
        for (var i = 0; i < message.Length; i++)
        {
            if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r'))
                octets[length++] = (byte)'\r';
            octets[length++] = message[i];
        }
        return octets;
    }
}
