using System.Security.Cryptography;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Domains;

/// <summary>The TXT record that proves a claim: its name, its value, and what counts as seen.</summary>
/// <param name="Name">Full name without the trailing dot.</param>
/// <param name="Value">The whole text of the record.</param>
public sealed record Challenge(string Name, string Value)
{
    public const string Prefix = "postmaster-verification=";

    /// <summary>160 bits: nobody guesses another account's token.</summary>
    private const int TokenBytes = 20;

    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    public static Challenge For(string label, DomainName domain, string token) => new($"{label}.{domain.Ascii}", Prefix + token);

    /// <summary>32 characters of base32 (RFC 4648 §6), in lower case because some DNS forms change the case of what they are given.</summary>
    public static string NewToken()
    {
        Span<byte> random = stackalloc byte[TokenBytes];
        RandomNumberGenerator.Fill(random);
        var token = new char[TokenBytes * 8 / 5];
        for (var i = 0; i < token.Length; i++)
        {
            int bit = i * 5;
            int pair = (random[bit / 8] << 8) | (bit / 8 + 1 < TokenBytes ? random[bit / 8 + 1] : 0);
            token[i] = Base32[(pair >> (11 - (bit % 8))) & 31];
        }

        return new string(token);
    }

    /// <summary>Whether a record is ours: its strings joined, without the quotes and spaces that DNS forms add around them.</summary>
    public bool IsIn(TxtRecord record) => string.Equals(Trim(record.Text), Value, StringComparison.Ordinal);

    internal static string Trim(string text) => text.Trim(' ', '\t', '"');
}
