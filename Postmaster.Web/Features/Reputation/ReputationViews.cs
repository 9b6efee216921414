using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation;

/// <summary>The verdict as of now.</summary>
/// <param name="Verdict">Null: there was no mail at all in the last 30 days, so there is nothing to say.</param>
/// <param name="Mix">By which mail types the signals were weighed.</param>
/// <param name="Since">The first of the days in a row with this level, as far as <paramref name="DaysSame"/> goes; at most a month back.</param>
/// <param name="LevelBefore">The level until the day before that; null: there was none, or it is longer ago.</param>
/// <param name="DaysSame">Days in a row with this level, today included.</param>
public sealed record ReputationNow(DateTimeOffset WorkedOutAt, DayVerdict? Verdict, TypeMix Mix, DateOnly? Since, ReputationLevel? LevelBefore, int DaysSame);

/// <summary>One day of the chart.</summary>
/// <param name="Score">0 to 100; null: no verdict on that day, which is not 0.</param>
/// <param name="Causes">Points lost by signal; <see cref="Signal.Rescues"/> below zero. 100 less their sum is the score.</param>
public sealed record ReputationPoint(DateOnly Day, double? Score, ReputationLevel? Level, IReadOnlyDictionary<Signal, double> Causes)
{
    internal static ReputationPoint None(DateOnly day) => new(day, null, null, new Dictionary<Signal, double>());

    internal static ReputationPoint Of(ReputationDay row) => new(CellKey.OfDay(row.Key).Day, row.Score, row.Level, StoredCauses.Read(row.Causes));

    internal static ReputationPoint Of(DayVerdict verdict) => new(verdict.Day, verdict.Score, verdict.Level, StoredCauses.Of(verdict.Sheet));
}

/// <summary>A row of the tables by stream and by IP address.</summary>
/// <param name="Value">Empty for the kinds without values. Outside text.</param>
/// <param name="Title">The owner's name for it.</param>
/// <param name="Type">As named by operator or owner; unknown: it is weighed like the domain.</param>
/// <param name="Latest">Null: no mail in the last 30 days, or not worked out yet.</param>
/// <param name="PerDay">Messages a day, recent days weighing more.</param>
/// <param name="WorkedOutAt">Null with <paramref name="Latest"/>.</param>
public sealed record StreamReputation(
    int StreamId, StreamKind Kind, string Value, string? Title, MailType Type, ReputationPoint? Latest, double PerDay, DateTimeOffset? WorkedOutAt)
{
    /// <summary>All values beyond the limit together.</summary>
    public bool IsOther => string.Equals(Value, MailStream.Other, StringComparison.Ordinal);

    public VolumeClass Volume => VolumeClasses.Of(PerDay);

    /// <summary>The signal that costs most; null: none costs anything.</summary>
    public Signal? WorstCause => Latest is { Causes: var causes } && causes.Any(c => c.Value > 0) ? causes.MaxBy(c => c.Value).Key : null;

    internal static StreamReputation Of(JudgedStream stream, ReputationDay? row) => new(
        stream.Id, stream.Kind, stream.Value, stream.Title, stream.Type, row is null ? null : ReputationPoint.Of(row), row?.PerDay ?? 0, row?.ComputedAt);
}

/// <summary>A domain in a list: where it stands and how it came there.</summary>
/// <param name="Latest">Of today, or of yesterday while today's is not worked out; null: no verdict.</param>
/// <param name="Days">One a day; a day without a verdict is there without numbers.</param>
public sealed record ReputationLine(ReputationPoint? Latest, IReadOnlyList<ReputationPoint> Days)
{
    internal static ReputationLine Of(IReadOnlyList<ReputationDay> rows, DateOnly from, DateOnly today)
    {
        Dictionary<DateOnly, ReputationPoint> byDay = rows.Select(ReputationPoint.Of).ToDictionary(p => p.Day);
        List<ReputationPoint> days = [.. Enumerable.Range(0, today.DayNumber - from.DayNumber + 1).Select(i => from.AddDays(i)).Select(d => byDay.GetValueOrDefault(d) ?? ReputationPoint.None(d))];
        return new ReputationLine(byDay.GetValueOrDefault(today) ?? byDay.GetValueOrDefault(today.AddDays(-1)), days);
    }
}

/// <summary>What the overview of a domain says of verdicts.</summary>
/// <param name="Series">One a day of the range; empty without a verdict.</param>
/// <param name="Culprit">Null: complaints cost nothing, or no stream stands out.</param>
public sealed record ReputationOverview(ReputationNow Now, IReadOnlyList<ReputationPoint> Series, Culprit? Culprit);

/// <param name="Value">Outside text.</param>
/// <param name="Title">The owner's name for it.</param>
public sealed record NamedStream(int Id, StreamKind Kind, string Value, string? Title);

/// <summary>A stream with more than half of what a signal counted.</summary>
/// <param name="Value">Outside text.</param>
/// <param name="Count">Counted in it in 30 days.</param>
/// <param name="OfAll">Counted in the whole domain.</param>
public sealed record Culprit(int StreamId, StreamKind Kind, string Value, string? Title, long Count, long OfAll);
