using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>One UTC day of a series.</summary>
/// <param name="Traffic">Null: nobody told of that day, which is not 0.</param>
public sealed record TrafficPoint(DateOnly Day, VisibleTraffic? Traffic);

/// <summary>One hour of a series.</summary>
/// <param name="Traffic">Null: nobody told of that hour.</param>
public sealed record TrafficHourPoint(DateTimeOffset Hour, VisibleTraffic? Traffic);

/// <summary>A domain's or stream's traffic over days.</summary>
/// <param name="Days">One a day, both ends included, oldest first.</param>
/// <param name="Total">Of all days that are known; null: none is.</param>
/// <param name="Traps">In words; null for anything but a whole domain, and when no day is known.</param>
public sealed record TrafficSeries(IReadOnlyList<TrafficPoint> Days, VisibleTraffic? Total, string? Traps)
{
    public int UnknownDays => Days.Count(d => d.Traffic is null);
}

/// <summary>A row of a table by stream.</summary>
/// <param name="Value">Outside text.</param>
/// <param name="Title">The owner's name for it.</param>
/// <param name="OwnerType">What the owner says it is.</param>
/// <param name="OperatorType">What the operator says: wins unless it is unknown.</param>
/// <param name="Traffic">Over the range.</param>
public sealed record StreamTraffic(int Id, StreamKind Kind, string Value, string? Title, MailType OwnerType, MailType OperatorType, VisibleTraffic Traffic)
{
    /// <summary>All values beyond the limit together.</summary>
    public bool IsOther => string.Equals(Value, MailStream.Other, StringComparison.Ordinal);

    public MailType Type => OperatorType != MailType.Unknown ? OperatorType : OwnerType;
}

/// <summary>A stream by its id, for operators.</summary>
/// <param name="Value">Outside text.</param>
public sealed record NamedMailStream(string Domain, StreamKind Kind, string Value, string? Title, MailType OwnerType, MailType OperatorType);

/// <summary>The streams of one kind.</summary>
/// <param name="Rows">Most mail first, "other" last.</param>
/// <param name="IsFolded">Whether values beyond the limit were counted together.</param>
public sealed record StreamTable(StreamKind Kind, IReadOnlyList<StreamTraffic> Rows, bool IsFolded);

/// <summary>How fresh what a feeder tells is.</summary>
/// <param name="SilentSince">Its newest event, when that is too long ago; null: it is not silent.</param>
public sealed record FeederState(string Name, DateTimeOffset? LastBatchAt, DateTimeOffset? NewestEventAt, DateTimeOffset? SilentSince);

/// <summary>How fresh and how complete the numbers of a range are.</summary>
/// <param name="Feeders">Those that are on and have told anything in the last month.</param>
/// <param name="NewestEventAt">Null: nobody ever told anything.</param>
/// <param name="Gaps">Days of the range on which a feeder that told before told nothing.</param>
public sealed record TrafficFreshness(IReadOnlyList<FeederState> Feeders, DateTimeOffset? NewestEventAt, IReadOnlyList<FeederGap> Gaps)
{
    public IEnumerable<FeederState> Silent => Feeders.Where(f => f.SilentSince is not null);

    public bool IsComplete => Gaps.Count == 0 && !Silent.Any();
}

/// <param name="Days">How many days it told nothing of.</param>
public sealed record FeederGap(string Name, DateOnly First, DateOnly Last, int Days);
