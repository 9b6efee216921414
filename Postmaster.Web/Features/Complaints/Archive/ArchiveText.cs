using System.Globalization;
using System.Text;
using Postmaster.Fbl.Text;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Archive;

/// <summary>
/// What a complaint is found by: the words of its subject, stream and identifiers, in lower case, and marks that no word has for what people choose from
/// a list. A complaint and a question are cut into words in the same way.
/// </summary>
internal static class ArchiveText
{
    /// <summary>Stands in every complaint.</summary>
    public const string Any = "*";

    /// <summary>Words of one complaint: a subject of a thousand words is an attack on the archive.</summary>
    private const int MostWords = 150;

    public static string TypeMark(Press press) => "t:" + press.Word();

    public static string DomainMark(string signingDomain) => "d:" + signingDomain.ToLowerInvariant();

    /// <summary>Every word and mark of a complaint, each once.</summary>
    public static HashSet<string> Of(Complaint complaint)
    {
        var all = new HashSet<string>(StringComparer.Ordinal) { Any, TypeMark(complaint.Press), DomainMark(complaint.SigningDomain) };
        foreach (string? text in (string?[])[complaint.MessageId, complaint.ListId, complaint.CfblFeedbackId, complaint.FeedbackId, complaint.SigningDomain, complaint.Subject])
        {
            foreach (string word in Words(text))
            {
                if (all.Count >= MostWords)
                    return all;
                all.Add(word);
            }
        }

        return all;
    }

    /// <summary>The words of a text in their order, some more than once.</summary>
    public static IEnumerable<string> Words(string? text)
    {
        var word = new StringBuilder();
        foreach (Rune rune in Normal(text ?? "").EnumerateRunes())
        {
            bool single = IsIdeograph(rune);
            if (!single && (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
            {
                if (word.Length < ArchiveWordLength)
                    word.Append(rune);
                continue;
            }

            if (word.Length > 0)
                yield return Take(word);
            if (single)
                yield return rune.ToString();
        }

        if (word.Length > 0)
            yield return Take(word);
    }

    private const int ArchiveWordLength = Data.ArchiveConfiguration.WordLength;

    private static string Take(StringBuilder word)
    {
        string taken = word.ToString();
        word.Clear();
        return taken;
    }

    /// <summary>One form for what looks the same; half of a surrogate pair, which has none, becomes U+FFFD.</summary>
    private static string Normal(string text) =>
        NormalText.Of(text, NormalizationForm.FormKC).ToLowerInvariant();

    /// <summary>Written without spaces: each character is a word, or nobody would find one in a sentence.</summary>
    private static bool IsIdeograph(Rune rune) => rune.Value is (>= 0x2E80 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF) or (>= 0x20000 and <= 0x3FFFF) && Rune.IsLetter(rune);
}
