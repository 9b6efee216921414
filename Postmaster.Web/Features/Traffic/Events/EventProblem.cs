using System.Globalization;
using System.Runtime.InteropServices;

namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>Why a line is not counted.</summary>
internal enum EventProblemCode : byte
{
    None,
    LineTooLong,
    NotUtf8,
    NotJson,
    NotAnObject,
    TooDeep,
    TooManyFields,
    Repeated,
    Missing,
    WrongType,
    TooLong,
    UnknownWord,
    NotAnAddress,
    NotATime,
    NotANumber,
    BadText,
    TooOld,
    InTheFuture,
    TooManySignatures,
}

/// <summary>A problem and the field that has it; the words are made when somebody reads them.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventProblem(EventProblemCode Code, EventField Field = EventField.None)
{
    public bool IsProblem => Code != EventProblemCode.None;

    /// <summary>A sentence's part for the feeder's log, such as <c>time is in the future</c>. Nothing in it comes from the line.</summary>
    public string Words => Code switch
    {
        EventProblemCode.LineTooLong => string.Create(CultureInfo.InvariantCulture, $"the line is longer than {EventLimits.Line} octets"),
        EventProblemCode.NotUtf8 => "the line is not UTF-8",
        EventProblemCode.NotJson => "the line is not JSON",
        EventProblemCode.NotAnObject => "the line is not a JSON object",
        EventProblemCode.TooDeep => string.Create(CultureInfo.InvariantCulture, $"the line is nested deeper than {EventLimits.Nesting}"),
        EventProblemCode.TooManyFields => string.Create(CultureInfo.InvariantCulture, $"the line has more than {EventLimits.UnknownFields} fields that are not part of the schema"),
        EventProblemCode.Repeated when Field == EventField.None => "a field stands twice",
        EventProblemCode.Repeated => $"{Name} stands twice",
        EventProblemCode.Missing => $"{Name} is missing",
        EventProblemCode.WrongType => $"{Name} has the wrong type",
        EventProblemCode.TooLong => $"{Name} is too long",
        EventProblemCode.UnknownWord => $"{Name} is none of the words of the schema",
        EventProblemCode.NotAnAddress => $"{Name} is not an IP address",
        EventProblemCode.NotATime => $"{Name} is not a time such as 2026-11-21T10:00:00Z",
        EventProblemCode.NotANumber => $"{Name} is not a number of octets",
        EventProblemCode.BadText => $"{Name} has an escape that stands for no character",
        EventProblemCode.TooOld => $"{Name} is too long ago",
        EventProblemCode.InTheFuture => $"{Name} is in the future",
        EventProblemCode.TooManySignatures => string.Create(CultureInfo.InvariantCulture, $"{Name} has more than {EventLimits.Signatures} signatures"),
        _ => "",
    };

    private string Name => EventFields.NameOf(Field);
}
