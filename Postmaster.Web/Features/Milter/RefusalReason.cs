using Postmaster.Fbl.Milter;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Milter;

/// <summary>What an MTA's refusal of a recipient means, by its enhanced status code (RFC 3463, RFC 7372) and, where that is not enough, by Postfix's words.</summary>
internal static class RefusalReason
{
    public static RejectReason Of(MilterRefusal refusal)
    {
        int dot = refusal.EnhancedCode.IndexOf('.', StringComparison.Ordinal);
        string detail = dot < 0 ? "" : refusal.EnhancedCode[(dot + 1)..];
        return detail switch
        {
            "1.1" or "1.6" or "2.1" => RejectReason.UnknownUser, // no such mailbox, moved without a new address, disabled (RFC 3463 §3.2, §3.3)
            "7.25" => RejectReason.NoPtr,                        // RFC 7372 §3.3
            "7.26" => RejectReason.Dmarc,                        // RFC 7372 §3.4: several checks failed
            "" when Says(refusal, "unknown user") || Says(refusal, "user unknown") => RejectReason.UnknownUser,
            "" => RejectReason.Other,
            _ when Says(refusal, "blocked using") => RejectReason.Reputation, // Postfix's default_rbl_reply
            _ when Says(refusal, "too many") || Says(refusal, "too much") => RejectReason.Rate,
            _ when Says(refusal, "cannot find your") => RejectReason.NoPtr, // Postfix before 3.0 says 7.1 to a client without a name
            _ when detail.StartsWith("6.", StringComparison.Ordinal) => RejectReason.Content,
            _ when detail.StartsWith("7.", StringComparison.Ordinal) || detail is "1.7" or "1.8" => RejectReason.Policy, // the sender's address is bad (RFC 3463 §3.2)
            _ => RejectReason.Other,
        };
    }

    private static bool Says(MilterRefusal refusal, string words) => refusal.Text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
