using System.Reflection;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.House;

/// <summary>A test whose program is missing is skipped with the reason on screen, and never where everything is required.</summary>
public sealed class NeedsFactTests
{
    private const string Missing = "a-program-that-nobody-has";

    [Fact]
    public void A_missing_program_skips_with_the_reason() =>
        Assert.Equal($"{Missing} is not installed (deploy/test.sh installs it)", RequiredPrograms.SkipReason(["sh", Missing], requireAll: false));

    [Fact]
    public void Several_missing_programs_are_all_named() =>
        Assert.Equal($"{Missing}, {Missing}-2 are not installed (deploy/test.sh installs them)", RequiredPrograms.SkipReason([Missing, Missing + "-2"], requireAll: false));

    [Fact]
    public void What_is_there_is_not_skipped() => Assert.Null(RequiredPrograms.SkipReason(["sh"], requireAll: false));

    [Fact]
    public void Where_everything_is_required_nothing_is_skipped() => Assert.Null(RequiredPrograms.SkipReason([Missing], requireAll: true));

    [Fact]
    public void The_attributes_skip_only_where_not_everything_is_required()
    {
        bool required = Environment.GetEnvironmentVariable("POSTMASTER_REQUIRE_ALL") is "1";
        foreach (string? skip in (string?[])[new NeedsFactAttribute(Missing).Skip, new NeedsTheoryAttribute(Missing).Skip])
            Assert.Equal(required, skip is null);
    }

    [Fact]
    public void Where_everything_is_required_what_is_missing_is_a_failure()
    {
        Assert.Equal([Missing], RequiredPrograms.Missing(["sh", Missing]));
        Attribute[] attributes = [.. typeof(NeedsFactTests).Assembly.GetTypes().SelectMany(t => t.GetMethods()).SelectMany(m => m.GetCustomAttributes<FactAttribute>())];
        List<string> missing =
        [
            .. RequiredPrograms.Missing(attributes.SelectMany(NeedsOf).Distinct(StringComparer.Ordinal)),
            .. attributes.Select(ConformanceOf).OfType<string>().Distinct(StringComparer.Ordinal).Where(name => Conformance.Find(name) is null),
        ];
        Assert.True(missing.Count == 0 || !RequiredPrograms.RequireAll, $"POSTMASTER_REQUIRE_ALL=1, and these are missing: {string.Join(", ", missing)}");
    }

    [Fact]
    public void Nothing_is_skipped_for_any_other_reason()
    {
        IEnumerable<FactAttribute> others = typeof(NeedsFactTests).Assembly.GetTypes().SelectMany(t => t.GetMethods()).SelectMany(m => m.GetCustomAttributes<FactAttribute>())
            .Where(a => !NeedsOf(a).Any() && ConformanceOf(a) is null);
        Assert.NotEmpty(others);
        Assert.DoesNotContain(others, a => a.Skip is not null);
    }

    private static IEnumerable<string> NeedsOf(Attribute attribute) => attribute switch
    {
        NeedsFactAttribute fact => fact.Programs,
        NeedsTheoryAttribute theory => theory.Programs,
        _ => [],
    };

    private static string? ConformanceOf(Attribute attribute) => attribute switch
    {
        ConformanceFactAttribute fact => fact.Name,
        ConformanceTheoryAttribute theory => theory.Name,
        _ => null,
    };
}
