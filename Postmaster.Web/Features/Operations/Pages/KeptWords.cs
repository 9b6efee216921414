using Postmaster.Web.Components.Shared;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>The words for what becomes of a kept complaint and for its door.</summary>
internal static class KeptWords
{
    public static string Of(KeptState state) => state switch
    {
        KeptState.Kept => "Waiting",
        KeptState.Held => "Held",
        KeptState.Counted => "Counted",
        KeptState.Unattributed => "Unattributed",
        KeptState.Duplicate => "Duplicate",
        KeptState.Cancelled => "Taken back",
        KeptState.Unvouched => "Unvouched",
        KeptState.Unreadable => "Unreadable",
        _ => "Stopped",
    };

    public static string Sentence(KeptState state) => state switch
    {
        KeptState.Kept => "It is on disk and will be read as soon as the worker comes to it.",
        KeptState.Held => "It has been read and waits for the undo window to end, in case the user takes it back.",
        KeptState.Counted => "It is counted for every claimed domain named below, and the reports are queued.",
        KeptState.Unattributed => "It is counted, but no passing signature belongs to a claimed domain, so nobody is told.",
        KeptState.Duplicate => "The same mailbox has already complained about the same message: it counts once.",
        KeptState.Cancelled => "The user took it back in time, so it is not counted.",
        KeptState.Unvouched => "The border did not say who complained, so it is neither counted nor reported.",
        KeptState.Unreadable => "No offending message was found in what came.",
        _ => "It is a report, an automatic reply, a bounce or a mail of this portal: reporting it could go round in circles.",
    };

    public static Tone ToneOf(KeptState state) => state switch
    {
        KeptState.Counted => Tone.Ok,
        KeptState.Unvouched or KeptState.Unreadable => Tone.Warn,
        _ => Tone.Neutral,
    };

    public static string Of(IntakeDoor door) => door switch
    {
        IntakeDoor.Lmtp => "LMTP",
        IntakeDoor.Http => "HTTP",
        _ => "Spool",
    };

    /// <summary>The value in a URL: the name in lower case.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>Null for anything that is not a name of the set; numbers are not.</summary>
    public static T? Read<T>(string? word)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (string.Equals(Word(value), word, StringComparison.Ordinal))
                return value;
        }

        return null;
    }

    /// <summary>Octets in the unit that people read.</summary>
    public static string Size(long octets) => octets switch
    {
        < 1024 => $"{octets} B",
        < 1024 * 1024 => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{octets / 1024.0:0.#} KB"),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{octets / (1024.0 * 1024):0.#} MB"),
    };
}
