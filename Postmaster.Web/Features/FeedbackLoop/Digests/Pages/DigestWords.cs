using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Features.FeedbackLoop.Digests.Pages;

/// <summary>How a digest stands, in a word or two.</summary>
internal static class DigestWords
{
    public static string Of(DigestView view) => view switch
    {
        { ConfirmedAt: null } => "Not confirmed yet",
        { PausedAt: not null } => "Paused: it comes back",
        { LastFailure: not null } => "The last one failed",
        _ => "On",
    };

    public static Tone ToneOf(DigestView view) => view switch
    {
        { ConfirmedAt: null } => Tone.Warn,
        { PausedAt: not null } or { LastFailure: not null } => Tone.Bad,
        _ => Tone.Ok,
    };
}
