namespace Postmaster.Web.Components.Shared;

/// <summary>What a badge or a message means. Colour never says it alone: a shape and a word go with it.</summary>
public enum Tone
{
    Neutral,
    Ok,
    Warn,
    Bad,
}

internal static class ToneWords
{
    /// <summary>The ending of the style classes <c>badge-…</c> and <c>message-…</c>.</summary>
    public static string Css(this Tone tone) => tone switch
    {
        Tone.Ok => "ok",
        Tone.Warn => "warn",
        Tone.Bad => "bad",
        _ => "neutral",
    };
}
