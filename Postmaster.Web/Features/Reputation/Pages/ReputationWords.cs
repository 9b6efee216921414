using System.Globalization;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Pages;

/// <summary>Verdicts in words, the same on every page.</summary>
public static class ReputationWords
{
    public static Tone ToneOf(ReputationLevel level) => level switch
    {
        ReputationLevel.High => Tone.Ok,
        ReputationLevel.Medium => Tone.Warn,
        _ => Tone.Bad,
    };

    public static string Of(MailType type) => type switch
    {
        MailType.Marketing => "marketing",
        MailType.Transactional => "transactional",
        MailType.Social => "social notifications",
        MailType.Invitation => "invitations and reminders",
        MailType.List => "list and group mail",
        MailType.Personal => "personal",
        _ => "not named",
    };

    /// <summary>A score as people read it: "61".</summary>
    public static string Score(double score) => score.ToString("0", CultureInfo.InvariantCulture);

    /// <summary>Points: "23.7", "0".</summary>
    public static string Points(double points) => points.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>With two digits: "0.22 %", "38 %".</summary>
    public static string Rate(double rate) => $"{Percent(rate)} %";

    /// <summary>A number of the formula, without more digits than it has: "0.1 %", "40 %".</summary>
    public static string Constant(double rate) => $"{(rate * 100).ToString("0.####", CultureInfo.InvariantCulture)} %";

    /// <summary>"0.22 % (0.17–0.31)".</summary>
    public static string Rate(SignalVerdict signal) =>
        signal is { Rate: { } rate, Interval: { } interval } ? $"{Rate(rate)} ({Percent(interval.Low)}–{Percent(interval.High)})" : "no data";

    /// <summary>"41 of 18,230". Trap hits are only known to be so many or more.</summary>
    public static string Count(SignalVerdict signal) => signal switch
    {
        { Hidden: { } hidden } => $"hidden: {hidden.Words}",
        { Denominator: 0 } => "no data",
        { Signal: Signal.Traps, Count: 0 } => $"fewer than {TrafficWindow.TrapLeast} of {Counted.Number(signal.Denominator)}",
        { Signal: Signal.Traps } => $"{Counted.Number(signal.Count)} or more of {Counted.Number(signal.Denominator)}",
        _ => $"{Counted.Number(signal.Count)} of {Counted.Number(signal.Denominator)}",
    };

    /// <summary>"Complaints cost 24 points: 41 of 18,230 messages put into the inbox in 30 days. Recent days weigh more: 0.22 % (0.17–0.31)."</summary>
    public static string Cause(SignalVerdict signal) =>
        $"{Plural(signal.Rule)} cost {PointsOf(signal.PointsLost)}: {Count(signal)} {signal.Rule.Of} in {TrafficWindow.Length} days. Recent days weigh more: {Rate(signal)}.";

    /// <summary>What would reach the next level; null for High.</summary>
    public static string? Next(NextLevel? next) => next switch
    {
        null => null,
        { Changes.Count: 0 } => $"The score is that of {next.Level} already. The level follows when it stays there {(next.DaysLeft == 1 ? "tomorrow" : $"for {next.DaysLeft} more days")}.",
        _ => $"With {string.Join(" and ", next.Changes.Select(c => $"{Short(c.Rule.Signal)} below {Rate(c.Shown)}"))} it would be {next.Level}, after {Counted.Of(next.DaysLeft, "day", "days")} in a row.",
    };

    /// <summary>"About 1,820 messages a day", and what that means for the numbers.</summary>
    public static string Volume(TrafficWindow window)
    {
        string perDay = window.PerDay >= 1 ? $"About {Counted.Number((long)Math.Round(window.PerDay))} messages a day" : "Less than one message a day";
        return window.Volume switch
        {
            VolumeClass.Few => $"{perDay}: that is few, so look at the intervals rather than at the rates.",
            VolumeClass.Bulk => $"{perDay}: a bulk sender.",
            _ => $"{perDay}.",
        };
    }

    /// <summary>A signal in the middle of a sentence, after which "below" fits.</summary>
    public static string Short(Signal signal) => signal switch
    {
        Signal.UnknownUsers => "unknown users",
        Signal.Complaints => "complaints",
        Signal.Traps => "trap hits",
        Signal.DeletedUnread => "mail deleted unread",
        Signal.Authentication => "mail that fails DMARC",
        _ => "rescues",
    };

    /// <summary>By which types of mail the signals were weighed, as a sentence.</summary>
    public static string Weighed(TypeMix mix) => mix.Shares is [{ Type: MailType.Unknown }]
        ? "Nobody has named what this mail is for, so the weights are those in the middle."
        : $"The weights are those for this mail: {Mix(mix)}.";

    /// <summary>"60 % marketing, 40 % not named".</summary>
    public static string Mix(TypeMix mix) => string.Join(", ", mix.Shares.Where(s => s.Share >= 0.005).Select(s => $"{s.Share * 100:0} % {Of(s.Type)}"));

    public static string PointsOf(double points) => Points(points) is "1" ? "1 point" : $"{Points(points)} points";

    private static string Plural(SignalRule rule) => rule.Signal switch
    {
        Signal.DeletedUnread => "Messages deleted unread",
        Signal.Authentication => "Messages that fail DMARC",
        _ => rule.Title,
    };

    private static string Percent(double rate)
    {
        double percent = rate * 100;
        if (percent < 1e-6)
            return "0";
        int decimals = Math.Clamp(1 - (int)Math.Floor(Math.Log10(percent) + 1e-9), 0, 6);
        return percent.ToString($"F{decimals}", CultureInfo.InvariantCulture);
    }
}
