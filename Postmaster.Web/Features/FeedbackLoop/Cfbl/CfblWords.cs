using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>What became of an invitation, in words.</summary>
internal static class CfblWords
{
    public static string Of(CfblFate fate) => fate switch
    {
        CfblFate.Open => "No report: the complaint does not count yet, or must not be reported.",
        CfblFate.Queued => "A report was made.",
        CfblFate.NotQualified => "No report: it does not qualify.",
        CfblFate.Off => "No report: this provider does not report to addresses in mail at present.",
        CfblFate.LowReputation => "No report: the sender's reputation is too low for reports by invitation.",
        CfblFate.UnknownReputation => "No report: nothing is known of the sender's reputation yet.",
        CfblFate.ByClaim => "No second report: the address is the feedback address of a claimed domain and gets its report that way.",
        CfblFate.Ours => "No report: the address is in the provider's own domain.",
        CfblFate.OneOfMany => "No report: the message names this address twice, or more addresses than get a report.",
        CfblFate.Refused => "No report: whoever reads the address wants none.",
        CfblFate.Blocked => "No report: the operator has blocked the address.",
        CfblFate.Paused => "No report: earlier ones came back.",
        CfblFate.AllowanceUsed => "No report: nobody has confirmed the address yet, and it has had the few that it gets until then. The link stands in each of them.",
        CfblFate.AddressLimit => "Held back: the address had had the most that it gets in a day.",
        CfblFate.DomainLimit => "Held back: the domain of the address had had the most that it gets in a day.",
        CfblFate.DayLimit => "Held back: the most that this provider sends by invitation in a day had been sent.",
        _ => throw new ArgumentOutOfRangeException(nameof(fate), fate, null),
    };

    /// <summary>Which limit it was, in the words of a sentence that goes on after "because".</summary>
    public static string Because(CfblFate limit) => limit switch
    {
        CfblFate.AllowanceUsed => "nobody has confirmed the address yet, and it has had the few that it gets until then",
        CfblFate.AddressLimit => "the address had had the most that it gets in a day",
        CfblFate.DomainLimit => "the domain of the address had had the most that it gets in a day",
        _ => "the most that this provider sends by invitation in a day had been sent",
    };

    public static string Of(CfblSource source) => source is CfblSource.Record ? "DKIM-FBL record" : "CFBL-Address";
}
