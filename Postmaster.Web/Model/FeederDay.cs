namespace Postmaster.Web.Model;

/// <summary>That a feeder told of a UTC day at all: without it, nothing counted on a day means that nobody looked, not that there was nothing.</summary>
public sealed class FeederDay
{
    public required DateOnly Day { get; init; }
    public required int FeederId { get; init; }

    /// <summary>Bit <c>h</c>: it told of events in the hour that begins at <c>h</c>.</summary>
    public required int Hours { get; set; }
}
