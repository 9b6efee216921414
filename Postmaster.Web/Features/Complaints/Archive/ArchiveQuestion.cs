using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Archive;

/// <summary>What complaints of a domain are looked for; all of it has to fit.</summary>
/// <param name="Words">Whole words, and marks.</param>
/// <param name="Beginnings">Of which some word has to begin so.</param>
/// <param name="Handled">Null: whether or not.</param>
internal sealed record ArchiveQuestion(
    string Domain, DateTimeOffset Start, DateTimeOffset End, IReadOnlyList<string> Words, IReadOnlyList<string> Beginnings, bool? Handled)
{
    /// <summary>Words of a question: each costs a look into every block.</summary>
    private const int MostWords = 12;

    /// <summary>Letters of a beginning: fewer fit to half of the archive.</summary>
    private const int ShortestBeginning = 3;

    /// <summary>In words of a person: <c>spring sale*</c> means the word "spring" and a word that begins with "sale".</summary>
    public static ArchiveQuestion Read(string domain, DateTimeOffset start, DateTimeOffset end, string? text, Press? type, string? signingDomain, bool? handled)
    {
        var words = new List<string>();
        var beginnings = new List<string>();
        // First, so that a long text does not crowd the filters out.
        if (type is { } press)
            words.Add(ArchiveText.TypeMark(press));
        if (!string.IsNullOrWhiteSpace(signingDomain))
            words.Add(ArchiveText.DomainMark(signingDomain.Trim()));
        foreach (string part in (text ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            List<string> cut = [.. ArchiveText.Words(part)];
            if (part.EndsWith('*') && cut is [.., var last] && last.Length >= ShortestBeginning)
            {
                beginnings.Add(last);
                cut.RemoveAt(cut.Count - 1);
            }

            words.AddRange(cut);
        }

        if (words.Count + beginnings.Count == 0)
            words.Add(ArchiveText.Any);
        return new ArchiveQuestion(
            domain, start, end, [.. words.Distinct(StringComparer.Ordinal).Take(MostWords)], [.. beginnings.Distinct(StringComparer.Ordinal).Take(MostWords)], handled);
    }

    /// <summary>Whether a complaint that is in no block yet fits; time and domain are not looked at.</summary>
    public bool Fits(Complaint complaint)
    {
        if (Handled is { } handled && handled != complaint.HandledAt is not null)
            return false;
        HashSet<string> all = ArchiveText.Of(complaint);
        return Words.All(all.Contains) && Beginnings.All(b => all.Any(w => w.StartsWith(b, StringComparison.Ordinal)));
    }
}
