using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.JSInterop;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Components.Shared;

namespace Postmaster.Tests.Pages;

public sealed class ChartTests
{
    [Fact]
    public async Task A_chart_has_a_column_with_its_value_for_each_day_and_none_for_days_without_data()
    {
        IDocument page = await DrawAsync([(1, null), (2, 0), (3, 1), (4, 1204)]);

        IElement wide = page.QuerySelector(".daily-chart-wide")!;
        Assert.Equal("img", wide.GetAttribute("role"));
        Assert.Equal("In short.", wide.GetAttribute("aria-label"));
        Assert.Equal(
            "Sun 1 Nov 2026: no data; Mon 2 Nov 2026: 0 complaints; Tue 3 Nov 2026: 1 complaint; Wed 4 Nov 2026: 1,204 complaints",
            string.Join("; ", wide.QuerySelectorAll("title").Select(t => t.TextContent)));
        Assert.Single(wide.QuerySelectorAll(".none"));
        Assert.Equal(2, wide.QuerySelectorAll(".bar").Length);
        double[] heights = [.. wide.QuerySelectorAll(".bar").Select(b => double.Parse(b.GetAttribute("height")!, CultureInfo.InvariantCulture))];
        Assert.InRange(heights[1] / Math.Max(heights[0], 0.1), 100, 10000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(92)]
    public async Task Both_pictures_of_a_chart_are_small_whatever_the_range(int days)
    {
        IDocument page = await DrawAsync(Enumerable.Range(1, days).Select(i => (i, (long?)(i * 1000))));

        Assert.Equal(2 * days, page.QuerySelectorAll(".bar").Length);
        Assert.InRange(page.Body!.InnerHtml.Length, 1, 45_000);
        Assert.All(page.QuerySelectorAll("rect"), r => Assert.True(double.Parse(r.GetAttribute("width")!, CultureInfo.InvariantCulture) > 0.5));
        string[] labels = [.. page.QuerySelectorAll(".daily-chart-narrow .rz-category-axis text").Select(t => t.TextContent).Where(t => t.Length > 0)];
        Assert.InRange(labels.Length, 1, 4);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 1)]
    [InlineData(3, 3, 1)]
    [InlineData(5, 6, 2)]
    [InlineData(41, 60, 20)]
    [InlineData(999, 1000, 500)]
    [InlineData(1_000_001, 1_500_000, 500_000)]
    public void The_value_axis_has_few_whole_numbers(long highest, long top, long step) => Assert.Equal((top, step), DailyChart.Axis(highest));

    [Theory]
    [InlineData(0.0198, "2.0 %")]
    [InlineData(0.02, "2.0 %")]
    [InlineData(0.00996, "1.0 %")]
    [InlineData(0.000996, "0.10 %")]
    [InlineData(0.002158, "0.22 %")]
    [InlineData(0.0994, "9.9 %")]
    [InlineData(0.0996, "10 %")]
    [InlineData(0.384, "38 %")]
    [InlineData(0.9982, "99.8 %")]
    [InlineData(0.99995, ">99.9 %")]
    [InlineData(0, "0 %")]
    [InlineData(1, "100 %")]
    public void A_measured_share_has_two_digits_that_say_something(double share, string words) => Assert.Equal(words, Percent.Of(share));

    [Theory]
    [InlineData(0.001, "0.1 %")]
    [InlineData(0.05, "5 %")]
    public void A_bound_is_told_as_it_was_chosen(double share, string words) => Assert.Equal(words, Percent.Bound(share));

    [Theory]
    [InlineData(99, "above the scale, of few messages: 3 Nov: 5 %", "0.2 %")]
    [InlineData(100, null, "6 %")]
    public async Task The_rate_of_few_messages_does_not_flatten_the_other_days_and_is_told(double volume, string? told, string highestTick)
    {
        IDocument page = await RenderAsync<PeriodChart>(new(StringComparer.Ordinal)
        {
            ["Slots"] = Enumerable.Range(1, 3).Select(d => new ChartSlot($"{d} Nov", "")).ToArray(),
            ["Lines"] = new[] { new ChartSeries("complaint rate", 1, [0.1, 0.2, 5]) },
            ["Behind"] = new ChartSeries("put into inboxes", 2, [900, 1000, volume]),
            ["Unit"] = " %",
            ["Summary"] = "In short.",
        });

        Assert.Equal(told, page.QuerySelectorAll(".legend li").Select(l => l.TextContent.Trim()).FirstOrDefault(l => l.StartsWith("above", StringComparison.Ordinal)));
        Assert.Equal(highestTick, page.QuerySelectorAll(".tick")[^1].TextContent);
    }

    [Theory]
    [InlineData(4, "0.1 %")]
    [InlineData(0.3, null)]
    public async Task Words_of_boundaries_that_lie_close_stand_beside_each_other(double highest, string? aside)
    {
        IDocument page = await RenderAsync<PeriodChart>(new(StringComparer.Ordinal)
        {
            ["Slots"] = Enumerable.Range(1, 3).Select(d => new ChartSlot($"{d} Nov", "")).ToArray(),
            ["Lines"] = new[] { new ChartSeries("complaint rate", 1, [0.1, 0.2, highest]) },
            ["Marks"] = new[] { new ChartMark(0.1, "0.1 %", Tone.Warn), new ChartMark(0.3, "0.3 %", Tone.Bad) },
            ["Unit"] = " %",
            ["Summary"] = "In short.",
        });

        Assert.Equal(2, page.QuerySelectorAll(".mark-label").Length);
        Assert.Equal(aside, page.QuerySelector(".mark-label.aside")?.TextContent);
    }

    [Fact]
    public async Task A_sparkline_says_its_sum_and_its_highest_day()
    {
        IDocument page = await RenderAsync<Sparkline>(new(StringComparer.Ordinal) { ["Days"] = Values([(1, null), (2, 2), (3, 0), (4, 5)]), ["Unit"] = "complaint" });

        IElement svg = page.QuerySelector("svg")!;
        Assert.Equal("img", svg.GetAttribute("role"));
        Assert.Equal("7 complaints in 4 days, most on 4 Nov: 5.", svg.GetAttribute("aria-label"));
        Assert.Equal("M45 28V16.8M105 28V0", svg.QuerySelector(".bar")!.GetAttribute("d"));
        Assert.Equal("M15 28V0", svg.QuerySelector(".none")!.GetAttribute("d"));
    }

    [Fact]
    public async Task A_sparkline_without_data_says_so()
    {
        IDocument page = await RenderAsync<Sparkline>(new(StringComparer.Ordinal) { ["Days"] = Values([(1, null), (2, null)]), ["Unit"] = "complaint" });
        Assert.Equal("No data yet.", page.QuerySelector("svg")!.GetAttribute("aria-label"));
    }

    private static DayValue[] Values(IEnumerable<(int Day, long? Value)> days) =>
        [.. days.Select(d => new DayValue(new DateOnly(2026, 10, 31).AddDays(d.Day), d.Value))];

    private static Task<IDocument> DrawAsync(IEnumerable<(int Day, long? Value)> days) =>
        RenderAsync<DailyChart>(new(StringComparer.Ordinal) { ["Days"] = Values(days), ["Unit"] = "complaint", ["Summary"] = "In short." });

    private static async Task<IDocument> RenderAsync<T>(Dictionary<string, object?> parameters)
        where T : IComponent
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddLogging().AddSingleton<IJSRuntime, NoScript>().AddSingleton<NavigationManager, Nowhere>().AddScoped<Radzen.TooltipService>().BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        string html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        return new HtmlParser().ParseDocument(html);
    }

    private sealed class Nowhere : NavigationManager
    {
        public Nowhere() => Initialize("http://localhost/", "http://localhost/");
    }

    private sealed class NoScript : IJSRuntime
    {
        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, object?[]? args) => default;

        public ValueTask<TValue> InvokeAsync<TValue>(string identifier, CancellationToken cancellationToken, object?[]? args) => default;
    }
}
