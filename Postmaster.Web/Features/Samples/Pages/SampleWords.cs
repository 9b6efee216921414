using System.Globalization;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples.Pages;

/// <summary>States and severities in words, one table for all pages of samples.</summary>
internal static class SampleWords
{
    public static string Of(SampleSeverity severity) => severity switch
    {
        SampleSeverity.Ok => "Good",
        SampleSeverity.Info => "Note",
        SampleSeverity.Warning => "Look at it",
        SampleSeverity.Critical => "Fix it",
        _ => "Not known",
    };

    public static Tone ToneOf(SampleSeverity severity) => severity switch
    {
        SampleSeverity.Ok => Tone.Ok,
        SampleSeverity.Warning => Tone.Warn,
        SampleSeverity.Critical => Tone.Bad,
        _ => Tone.Neutral,
    };

    public static (Tone Tone, string Text) Verdict(SampleRow row) => row.State switch
    {
        SampleState.Waiting => (Tone.Neutral, "Waits for its mail"),
        SampleState.Kept => (Tone.Neutral, "Being checked"),
        SampleState.Failed => (Tone.Warn, "Could not be checked"),
        _ when row.ToFix > 0 => (Tone.Bad, $"{row.ToFix} to fix"),
        _ when row.ToLookAt > 0 => (Tone.Warn, $"{row.ToLookAt} to look at"),
        _ when row.NotKnown > 0 => (Tone.Neutral, $"{row.NotKnown} not known"),
        _ => (Tone.Ok, "All good"),
    };

    /// <summary>The whole result in a sentence.</summary>
    public static string Sentence(SampleRow row)
    {
        List<string> parts = [];
        if (row.ToFix > 0)
            parts.Add($"{Topics(row.ToFix)} to fix");
        if (row.ToLookAt > 0)
            parts.Add($"{Topics(row.ToLookAt)} to look at");
        if (row.NotKnown > 0)
            parts.Add($"{Topics(row.NotKnown)} that could not be found out");
        return parts.Count == 0 ? "Nothing asks for action." : string.Join(", ", parts) + ". Nothing else asks for action.";
    }

    /// <summary>Octets as people say them.</summary>
    public static string Size(long octets) => octets switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{octets} octets"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{octets / 1000.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{octets / 1_000_000.0:0.#} MB"),
    };

    private static string Topics(int count) => count == 1 ? "1 topic" : $"{count} topics";
}
