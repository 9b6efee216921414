namespace Postmaster.Fbl.Arf;

/// <summary>The registered values of Feedback-Type; in reports any other may occur and is kept.</summary>
public static class FeedbackType
{
    /// <summary>Spam or other abuse of the service (RFC 5965 §7.3): what the spam button means.</summary>
    public const string Abuse = "abuse";

    /// <summary>Phishing and the like (RFC 5965 §7.3).</summary>
    public const string Fraud = "fraud";

    /// <summary>Malware in the message (RFC 5965 §7.3).</summary>
    public const string Virus = "virus";

    public const string Other = "other";

    /// <summary>Taken for spam by mistake (RFC 6430).</summary>
    public const string NotSpam = "not-spam";

    /// <summary>A message that failed authentication (RFC 6591); never sent because of a complaint.</summary>
    public const string AuthFailure = "auth-failure";
}
