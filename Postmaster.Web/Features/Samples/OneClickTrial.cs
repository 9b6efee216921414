using System.Globalization;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Web.Features.Samples;

/// <summary>What came of unsubscribing by one click; is stored with the sample.</summary>
/// <param name="Status">Of HTTP; null without an answer.</param>
/// <param name="Text">What happened and what follows from it.</param>
/// <param name="Took">Until the status, or until it failed; zero when nobody was asked.</param>
public sealed record OneClickTrial(DateTimeOffset At, SampleSeverity Severity, int? Status, string Text, TimeSpan Took)
{
    internal static OneClickTrial Of(OutwardOutcome outcome, DateTimeOffset at) => outcome switch
    {
        OutwardOutcome.Answered { IsSuccess: true } taken => new(at, SampleSeverity.Ok, taken.Status, $"The server took it: HTTP {taken.Status} after {Seconds(taken.Took)}. Whether the address is off the list now, only your own system can tell: look there.", taken.Took),

        // RFC 8058 §3.1: the sender must not answer with a redirect.
        OutwardOutcome.Answered { IsRedirect: true } sent => new(at, SampleSeverity.Critical, sent.Status, $"The server answers with a redirect (HTTP {sent.Status}, after {Seconds(sent.Took)}), which one-click forbids; it was not followed, and mail programs do not follow it either. Let the address itself take the POST.", sent.Took),
        OutwardOutcome.Answered other => new(at, SampleSeverity.Critical, other.Status, $"The server does not take it: HTTP {other.Status} after {Seconds(other.Took)}. It has to answer a POST without sign-in, cookie or question with 200.", other.Took),
        OutwardOutcome.Failed failed => new(at, SampleSeverity.Critical, null, $"There was no answer: {failed.Text} ({Seconds(failed.Took)}). Readers who press the button stay on the list.", failed.Took),
        OutwardOutcome.Refused refused => new(at, SampleSeverity.Critical, null, $"Nobody was contacted: {refused.Text}. Mail programs need an https: address on port 443 of a public host.", TimeSpan.Zero),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    private static string Seconds(TimeSpan took) => string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} seconds");
}
