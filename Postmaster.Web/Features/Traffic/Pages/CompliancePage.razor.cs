using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Traffic.Compliance;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>Which of the rules for senders the domain's mail breaks, with one mail to show.</summary>
public sealed partial class CompliancePage
{
    [Inject]
    private ComplianceQueries Compliance { get; set; } = default!;

    [Inject]
    private DomainCheckStore Checks { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private IReadOnlyList<RequirementState> States { get; set; } = [];
    private DomainDns? Dns { get; set; }

    /// <summary>Complaints of the range that count in part.</summary>
    private long InPart { get; set; }

    private int Broken => States.Count(s => s.Kept == Kept.No);

    private int Open => States.Count(s => s.Kept == Kept.Unknown);

    protected override async Task LoadTrafficAsync(AccessedDomain access)
    {
        States = await Compliance.StatesAsync(access.Domain, Range.From, Range.To, Aborted);
        Dns = await Compliance.DnsAsync(access.Domain, Aborted);
        InPart = (await Traffic.DaysAsync(access.Domain, Range.From, Range.To, Aborted)).Total?.Of(TrafficCounter.ComplaintInPart) ?? 0;
    }

    private async Task CheckAsync()
    {
        if (!Access!.CanChange || !Access.IsInForce)
            return;
        await Checks.CheckNowAsync(Access.Domain, Aborted);
        Leave("compliance", "checked");
    }

    private static Tone ToneOf(Kept kept) => kept switch
    {
        Kept.Yes => Tone.Ok,
        Kept.Nearly => Tone.Warn,
        Kept.No => Tone.Bad,
        _ => Tone.Neutral,
    };

    private static string Word(Kept kept) => kept switch
    {
        Kept.Yes => "Kept",
        Kept.Nearly => "Look at it",
        Kept.No => "Not kept",
        _ => "Not known",
    };

    private string Verdict(RequirementState state) => state switch
    {
        { Hidden: { } hidden } => $"hidden: {hidden.Words}",
        { Rule.Failing: null } => state.Kept switch { Kept.Yes => "there is a record", Kept.Unknown => "DNS gave no answer yet", _ => "see below" },
        { Failing: null } => state.Kept == Kept.No ? "see below" : "no mail tells of it in these days",
        { Requirement: Requirement.ComplaintRate, Failing: { } rate } => $"{TrafficWords.WithInterval(rate)}, {TrafficWords.Counts(rate)}{TrafficWords.InPart(InPart)}",
        { Requirement: Requirement.HonouredUnsubscribe, Failing: { } rate } => $"{TrafficWords.Counts(rate)} people got mail again",
        { Failing: { Count: 0 } rate } => $"none of {Counted.Number(rate.Of)} messages fails",
        { Failing: { } rate } => $"{Percent.Of(rate.Value)} fails: {TrafficWords.Counts(rate)} messages",
    };

    private static string Thresholds(RequirementRule rule) => rule switch
    {
        { Good: null } or { Requirement: Requirement.ComplaintRate } => "",
        { Good: 0 } => "Nobody may be overlooked.",
        { Good: { } good, Bad: { } bad } => $"Up to {Percent.Bound(good)} may fail; from {Percent.Bound(bad)} on it is not kept.",
        { Good: { } good } => $"Look at it when more than {Percent.Bound(good)} lacks it.",
    };
}
