using System.Diagnostics.CodeAnalysis;

namespace Postmaster.Fbl.MtaSts;

/// <summary>
/// The TXT record at <c>_mta-sts.</c> and a domain (RFC 8461 §3.1), which says that there is a policy, and changes its id when the policy changes.
/// </summary>
/// <param name="Id">1 to 32 letters and digits.</param>
public sealed record MtaStsRecord(string Id)
{
    /// <summary>What the record's name begins with.</summary>
    public const string Label = "_mta-sts";

    /// <summary>RFC 8461 §3.1.</summary>
    private const int MaxIdLength = 32;

    private const string Version = "v=STSv1";

    /// <summary>Whether the text claims to be such a record: others at the name do not count (RFC 8461 §3.1).</summary>
    public static bool IsClaimed(string text) =>
        text.StartsWith(Version, StringComparison.Ordinal) && text.AsSpan(Version.Length).TrimStart(" \t") is [';', ..];

    /// <param name="problem"><c>no-version</c>, <c>bad-field</c>, <c>no-id</c> or <c>bad-id</c>, with the place in characters.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out MtaStsRecord? record, out ParseProblem problem)
    {
        record = null;
        problem = default;
        if (!IsClaimed(text))
        {
            problem = new ParseProblem("no-version");
            return false;
        }

        string? id = null;
        int at = text.IndexOf(';', StringComparison.Ordinal) + 1;
        while (at < text.Length)
        {
            int end = text.IndexOf(';', at) is >= 0 and var semicolon ? semicolon : text.Length;
            ReadOnlySpan<char> field = text.AsSpan(at, end - at).Trim(" \t");
            int equals = field.IndexOf('=');
            // RFC 8461 §3.1: only the last delimiter may stand alone.
            if (equals <= 0 && !(field.IsEmpty && end == text.Length))
            {
                problem = new ParseProblem("bad-field", at);
                return false;
            }

            // RFC 8461 §3.2: of a field that is there twice the first counts.
            if (equals > 0 && id is null && field[..equals] is "id")
            {
                id = field[(equals + 1)..].ToString();
                problem = new ParseProblem("bad-id", at);
            }

            at = end + 1;
        }

        if (id is null)
        {
            problem = new ParseProblem("no-id", text.Length);
            return false;
        }

        if (id.Length is 0 or > MaxIdLength || !id.All(char.IsAsciiLetterOrDigit))
            return false;
        problem = default;
        record = new MtaStsRecord(id);
        return true;
    }
}
