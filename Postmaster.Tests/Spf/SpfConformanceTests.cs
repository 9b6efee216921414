using System.Net;
using Postmaster.Fbl.Spf;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Spf;

/// <summary>The public test suite for RFC 7208, whole.</summary>
public sealed class SpfConformanceTests
{
    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var scenario in SpfSuite.Scenarios)
        {
            foreach (var test in scenario.Tests)
                data.Add(scenario.Description, test.Id);
        }
        return data;
    }

    [ConformanceTheory("spf")]
    [MemberData(nameof(Cases))]
    public async Task The_suite_s_case_comes_out_as_it_should(string scenario, string id)
    {
        var zone = SpfSuite.Scenarios.Single(s => s.Description.Equals(scenario, StringComparison.Ordinal));
        var test = zone.Tests.Single(t => t.Id.Equals(id, StringComparison.Ordinal));
        var result = await new SpfEvaluator(zone.Dns).CheckReversePathAsync(IPAddress.Parse(test.Host), test.MailFrom, test.Helo, CancellationToken.None);

        Assert.Contains(result.Status.ToString().ToLowerInvariant(), test.Results);
        if (test.Explanation is not null)
            Assert.Equal(test.Explanation is "DEFAULT" ? null : test.Explanation, result.Explanation);
    }

    [ConformanceFact("spf")]
    public void The_suite_has_all_its_cases() => Assert.Equal((16, 203), (SpfSuite.Scenarios.Count, SpfSuite.Scenarios.Sum(s => s.Tests.Count)));

    [ConformanceFact("spf")]
    public async Task Where_the_suite_allows_several_results_ours_is_the_first_but_for_ambiguities_that_are_known()
    {
        var others = new List<string>();
        foreach (var scenario in SpfSuite.Scenarios)
        {
            foreach (var test in scenario.Tests)
            {
                var result = await new SpfEvaluator(scenario.Dns).CheckReversePathAsync(IPAddress.Parse(test.Host), test.MailFrom, test.Helo, CancellationToken.None);
                if (!result.Status.ToString().Equals(test.Results[0], StringComparison.OrdinalIgnoreCase))
                    others.Add(test.Id);
            }
        }
        // Two equal TXT records of one name are one in a zone.
        Assert.Equal(["multispf1"], others);
    }
}
