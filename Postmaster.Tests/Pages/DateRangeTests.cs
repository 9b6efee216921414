using Postmaster.Web.Components.Shared;

namespace Postmaster.Tests.Pages;

public sealed class DateRangeTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);

    [Fact]
    public void A_url_without_a_range_shows_the_last_thirty_days_with_today()
    {
        Assert.True(DateRange.TryParse(null, null, null, Today, out DateRange range, out string? problem));
        Assert.Null(problem);
        Assert.Equal((new DateOnly(2026, 10, 23), Today, 30), (range.From, range.To, range.Days));
        Assert.Equal("range=30d", range.Query);
    }

    [Theory]
    [InlineData("7d", 7)]
    [InlineData("30d", 30)]
    [InlineData("90d", 90)]
    [InlineData(" 7d ", 7)]
    public void A_named_range_ends_today(string preset, int days)
    {
        Assert.True(DateRange.TryParse(preset, "", " ", Today, out DateRange range, out _));
        Assert.Equal((days, Today), (range.Days, range.To));
        Assert.Equal(preset.Trim(), range.Preset);
    }

    [Theory]
    [InlineData("2026-11-01", "2026-11-14", "2026-11-01", "2026-11-14")]
    [InlineData("2026-11-21", "2026-11-21", "2026-11-21", "2026-11-21")] // one day, today
    [InlineData("2024-02-29", "2024-03-01", "2024-02-29", "2024-03-01")] // a leap day
    [InlineData("", "2026-11-14", "2026-10-16", "2026-11-14")] // thirty days before the end
    [InlineData("2026-11-14", null, "2026-11-14", "2026-11-21")] // until today
    [InlineData("2025-01-01", null, "2025-01-01", "2025-04-02")] // until today would be too long
    [InlineData(null, "2000-01-05", "2000-01-01", "2000-01-05")] // not before the first day
    public void Two_ends_win_over_a_named_range(string? from, string? to, string first, string last)
    {
        Assert.True(DateRange.TryParse("7d", from, to, Today, out DateRange range, out string? problem), problem);
        Assert.Equal((first, last), (DateRange.Text(range.From), DateRange.Text(range.To)));
        Assert.Null(range.Preset);
        Assert.True(DateRange.TryParse(null, first, last, Today, out DateRange again, out _));
        Assert.Equal(again, range);
        Assert.Equal($"from={first}&to={last}", range.Query);
    }

    [Theory]
    [InlineData("5d", null, null, "ranges")]
    [InlineData("<script>", null, null, "ranges")]
    [InlineData("-30d", null, null, "ranges")]
    [InlineData(null, "yesterday", "2026-11-14", "first day is not a date")]
    [InlineData(null, "2026-11-01", "14.11.2026", "last day is not a date")]
    [InlineData(null, "2026-02-30", "2026-11-14", "first day is not a date")] // no such day
    [InlineData(null, "0001-01-01", "0001-01-01", "no data before")]
    [InlineData(null, null, "0001-01-01", "first day comes after")]
    [InlineData(null, "2026-11-14", "2026-11-01", "first day comes after")]
    [InlineData(null, "2026-11-14", "2026-11-22", "in the future")]
    [InlineData(null, "9999-12-31", null, "in the future")]
    [InlineData(null, "2026-01-01", "2026-11-01", "at most 92 days")]
    [InlineData(null, "２０２６-11-01", "2026-11-02", "first day is not a date")] // full-width digits
    public void A_bad_range_is_said_in_a_sentence_and_the_default_is_shown(string? preset, string? from, string? to, string words)
    {
        Assert.False(DateRange.TryParse(preset, from, to, Today, out DateRange range, out string? problem));
        Assert.Contains(words, problem, StringComparison.Ordinal);
        Assert.EndsWith("You see the last 30 days instead.", problem, StringComparison.Ordinal);
        Assert.Equal(DateRange.Default(Today), range);
    }

    [Fact]
    public void The_ends_of_a_range_are_instants_in_utc()
    {
        Assert.True(DateRange.TryParse(null, "2026-11-01", "2026-11-02", Today, out DateRange range, out _));
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), range.Start);
        Assert.Equal(new DateTimeOffset(2026, 11, 3, 0, 0, 0, TimeSpan.Zero), range.End);
        Assert.Equal("1 Nov to 2 Nov 2026", range.Words);
    }
}
