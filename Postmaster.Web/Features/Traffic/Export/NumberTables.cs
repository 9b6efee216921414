using System.Globalization;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Features.Traffic.Compliance;
using Postmaster.Web.Features.Traffic.Pages;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Export;

/// <summary>
/// The numbers behind the charts as tables for machines: every counter in a column of its own, empty where nothing is known, and
/// <c>hidden (12 of 20 recipients)</c> below the privacy floor.
/// </summary>
public sealed class NumberTables(TrafficQueries traffic, ReputationQueries reputation, ComplianceQueries compliance, TimeProvider time)
{
    /// <summary>Trap hits are told as a word alone, and not by day.</summary>
    private static readonly TrafficCounter[] Counters = [.. Enum.GetValues<TrafficCounter>().Where(c => c != TrafficCounter.Trap)];

    private static readonly TrafficCounter[] Manners =
    [
        TrafficCounter.Followed, TrafficCounter.Left, TrafficCounter.LeftAndMailedAgain, TrafficCounter.MailAfterLeaving,
        TrafficCounter.Invitation, TrafficCounter.InvitationOver, TrafficCounter.ReminderClose, TrafficCounter.ReminderLate,
    ];

    /// <summary>Hours of an export at most; they are kept no longer.</summary>
    private const int MaxHours = 7 * 24;

    public async Task<CsvTable> DaysAsync(string domain, DateRange range, CancellationToken ct) =>
        Days($"{domain}-days", await traffic.DaysAsync(domain, range.From, range.To, ct));

    public async Task<CsvTable> UnauthenticatedAsync(string domain, DateRange range, CancellationToken ct) =>
        Days($"{domain}-unauthenticated", await traffic.UnauthenticatedAsync(domain, range.From, range.To, ct));

    /// <summary>Null: there is no such stream.</summary>
    public async Task<CsvTable?> StreamAsync(string domain, int stream, DateRange range, CancellationToken ct) =>
        await traffic.StreamAsync(domain, stream, range.From, range.To, ct) is { } found ? Days(string.Create(CultureInfo.InvariantCulture, $"{domain}-stream-{stream}"), found.Series) : null;

    /// <summary>The last hours of the range.</summary>
    public async Task<CsvTable> HoursAsync(string domain, DateRange range, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), last = range.End <= now ? range.End.AddHours(-1) : now;
        DateTimeOffset first = range.Start > last.AddHours(-MaxHours) ? range.Start : last.AddHours(1 - MaxHours);
        IReadOnlyList<TrafficHourPoint> hours = await traffic.HoursAsync(domain, first, last, ct);
        return new CsvTable($"{domain}-hours", ["hour", .. Heads()],
            hours.Select(h => (IReadOnlyList<string>)[h.Hour.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture), .. Cells(h.Traffic)]));
    }

    public async Task<CsvTable> StreamsAsync(string domain, StreamKind kind, DateRange range, CancellationToken ct)
    {
        StreamTable table = await traffic.StreamsAsync(domain, kind, range.From, range.To, ct);
        return new CsvTable($"{domain}-{TrafficWords.Slug(kind)}", ["value", "title", "mail_type", .. Heads()],
            table.Rows.Select(r => (IReadOnlyList<string>)[.. Names(r), .. Cells(r.Traffic)]));
    }

    /// <summary>The manners of the whole domain and of each of its streams; empty where no recipient is known.</summary>
    public async Task<CsvTable> MannersAsync(string domain, DateRange range, CancellationToken ct)
    {
        TrafficSeries whole = await traffic.DaysAsync(domain, range.From, range.To, ct);
        List<IReadOnlyList<string>> rows = [["all", "", "", "", .. MannerCells(whole.Total)]];
        foreach (StreamKind kind in (await traffic.KindsAsync(domain, range.From, range.To, ct)).Keys.Order())
        {
            foreach (StreamTraffic row in (await traffic.StreamsAsync(domain, kind, range.From, range.To, ct)).Rows)
                rows.Add([TrafficWords.Slug(kind), .. Names(row), .. MannerCells(row.Traffic)]);
        }

        return new CsvTable($"{domain}-manners", ["kind", "value", "title", "mail_type", "data", .. Manners.Select(c => Snake(c.ToString())), "honoured"], rows);
    }

    public async Task<CsvTable> ReputationAsync(string domain, DateRange range, CancellationToken ct)
    {
        Signal[] signals = Enum.GetValues<Signal>();
        IReadOnlyList<ReputationPoint> days = await reputation.SeriesAsync(domain, range.From, range.To, ct);
        return new CsvTable($"{domain}-reputation", ["day", "score", "level", .. signals.Select(s => $"lost_to_{ReputationFormula.RuleOf(s).Key}")],
            days.Select(d => (IReadOnlyList<string>)
            [
                DateRange.Text(d.Day), d.Score?.ToString("0.##", CultureInfo.InvariantCulture) ?? "", d.Level?.ToString() ?? "",
                .. signals.Select(s => d.Score is null ? "" : d.Causes.GetValueOrDefault(s).ToString("0.##", CultureInfo.InvariantCulture)),
            ]));
    }

    public async Task<CsvTable> ComplianceAsync(string domain, DateRange range, CancellationToken ct)
    {
        IReadOnlyList<RequirementState> states = await compliance.StatesAsync(domain, range.From, range.To, ct);
        return new CsvTable($"{domain}-compliance", ["requirement", "kept", "failing", "of", "dns", "example_time", "example_message_id", "example_ip", "example_reason"],
            states.Select(s => (IReadOnlyList<string>)
            [
                s.Rule.Slug, Snake(s.Kept.ToString()), s.Hidden is { } hidden ? $"hidden ({hidden.Cell})" : Number(s.Failing?.Count), Number(s.Failing?.Of), string.Join(' ', s.Dns),
                s.Example?.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "", s.Example?.MessageId ?? "", s.Example?.Ip ?? "", s.Example?.Reason ?? "",
            ]));
    }

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static CsvTable Days(string name, TrafficSeries series) => new(
        name, ["day", .. Heads()], series.Days.Select(d => (IReadOnlyList<string>)[DateRange.Text(d.Day), .. Cells(d.Traffic)]));

    private static IEnumerable<string> Heads() => ["data", .. Counters.Select(c => Snake(c.ToString()))];

    private static IEnumerable<string> Cells(VisibleTraffic? traffic) => traffic is null
        ? ["no", .. Counters.Select(_ => "")]
        : ["yes", .. Counters.Select(c => Cell(traffic, c))];

    private static IEnumerable<string> Names(StreamTraffic row) => [row.IsOther ? "(other)" : row.Value, row.Title ?? "", row.Type == MailType.Unknown ? "" : Snake(row.Type.ToString())];

    private static IEnumerable<string> MannerCells(VisibleTraffic? traffic) => traffic is not { IsFollowed: true }
        ? ["no", .. Manners.Select(_ => ""), ""]
        : ["yes", .. Manners.Select(c => Cell(traffic, c)), traffic.WhyHidden(TrafficCounter.Left) is { } why ? $"hidden ({why.Cell})" : traffic.Honoured?.Value.ToString("0.####", CultureInfo.InvariantCulture) ?? ""];

    private static string Cell(VisibleTraffic traffic, TrafficCounter counter) =>
        traffic.Of(counter) is { } count ? count.ToString(CultureInfo.InvariantCulture) : $"hidden ({traffic.WhyHidden(counter)?.Cell})";

    private static string Snake(string name) => string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
