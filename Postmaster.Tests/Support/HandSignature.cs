using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Tests.Support;

/// <summary>
/// Signs a mail under simple/simple with whatever DKIM-Signature field is given, also one that no signer would make: the octets that
/// RFC 6376 §3.7 hashes are put together here by hand, not by the engine.
/// </summary>
internal static class HandSignature
{
    /// <param name="field">Without the line end; <c>{bh}</c> and <c>{b}</c> mark where the values go.</param>
    /// <param name="signed">The fields that are hashed, in the order of <c>h=</c>.</param>
    public static string Add(RSA key, HashAlgorithmName hash, string field, IReadOnlyList<string> signed, string message)
    {
        var blank = message.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var body = message[(blank + 4)..];
        while (body.EndsWith("\r\n", StringComparison.Ordinal))
            body = body[..^2];
        var bodyHash = Convert.ToBase64String(CryptographicOperations.HashData(hash, Octets(body + "\r\n"))); // RFC 6376 §3.4.3
        field = field.Replace("{bh}", bodyHash, StringComparison.Ordinal);

        var octets = new StringBuilder();
        var fields = Fields(message[..(blank + 2)]);
        foreach (var name in signed)
        {
            var at = fields.FindLastIndex(f => f.StartsWith(name, StringComparison.OrdinalIgnoreCase) && f[name.Length..].TrimStart(' ').StartsWith(':'));
            if (at < 0)
                continue;
            octets.Append(fields[at]);
            fields.RemoveAt(at);
        }
        octets.Append(field.Replace("{b}", "", StringComparison.Ordinal));
        var signature = Convert.ToBase64String(key.SignData(Octets(octets.ToString()), hash, RSASignaturePadding.Pkcs1));
        return field.Replace("{b}", signature, StringComparison.Ordinal) + "\r\n" + message;
    }

    private static List<string> Fields(string header)
    {
        var fields = new List<string>();
        foreach (var line in header.Split("\r\n")[..^1])
        {
            if (line[0] is ' ' or '\t')
                fields[^1] += line + "\r\n";
            else
                fields.Add(line + "\r\n");
        }
        return fields;
    }

    private static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text);
}
