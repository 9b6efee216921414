using Postmaster.Fbl.Arf;

namespace Postmaster.Web.Model;

/// <summary>How a press is called on the wire: one word a kind, the same at every door, and the type of the report that tells of it.</summary>
public static class PressWords
{
    /// <summary>The words that <see cref="TryParse"/> takes, for help and refusals.</summary>
    public const string All = "spam, not-spam, phishing or virus";

    /// <summary>In the words of the button, or of a report's Feedback-Type.</summary>
    public static bool TryParse(string? word, out Press press)
    {
        Press? known = word?.Trim().ToLowerInvariant() switch
        {
            "spam" or "junk" or FeedbackType.Abuse => Press.Spam,
            FeedbackType.NotSpam => Press.NotSpam,
            "phishing" or "phish" or FeedbackType.Fraud => Press.Phishing,
            FeedbackType.Virus or "malware" => Press.Virus,
            _ => null,
        };
        press = known ?? Press.Spam;
        return known is not null;
    }

    /// <summary>The button's word.</summary>
    public static string Word(this Press press) => press switch
    {
        Press.NotSpam => "not-spam",
        Press.Phishing => "phishing",
        Press.Virus => "virus",
        _ => "spam",
    };

    /// <summary>For people, as a label.</summary>
    public static string Label(this Press press) => press switch
    {
        Press.NotSpam => "Not spam",
        Press.Phishing => "Phishing",
        Press.Virus => "Virus",
        _ => "Spam",
    };

    /// <summary>For people: what the user did with "this mail".</summary>
    public static string Deed(this Press press) => press switch
    {
        Press.NotSpam => "took this mail out of the spam folder",
        Press.Phishing => "reported this mail as phishing",
        Press.Virus => "reported this mail as carrying malware",
        _ => "called this mail spam",
    };

    /// <summary>The Feedback-Type of the report (RFC 5965 §7.3, RFC 6430). A complaint is never told of as auth-failure (RFC 6591).</summary>
    public static string ReportedAs(this Press press) => press switch
    {
        Press.NotSpam => FeedbackType.NotSpam,
        Press.Phishing => FeedbackType.Fraud,
        Press.Virus => FeedbackType.Virus,
        _ => FeedbackType.Abuse,
    };
}
