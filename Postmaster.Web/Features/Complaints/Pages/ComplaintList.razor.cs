using Microsoft.AspNetCore.Components;
using Postmaster.Fbl.Names;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Pages;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Pages;

/// <summary>What was complained about, and where each report went.</summary>
public sealed partial class ComplaintList
{
    private static readonly (string Word, string Label)[] Fates =
        [("queued", "queued"), ("sent", "sent"), ("failed", "failed"), ("cancelled", "cancelled"), ("none", "not sent by mail")];

    [SupplyParameterFromQuery(Name = "q")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    public string? State { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    [SupplyParameterFromQuery(Name = "type")]
    public string? TypeWord { get; set; }

    [SupplyParameterFromQuery(Name = "handled")]
    public string? HandledWord { get; set; }

    [SupplyParameterFromQuery(Name = "signed")]
    public string? SignedWord { get; set; }

    /// <summary>Of the form before: so many of its complaints.</summary>
    [SupplyParameterFromQuery(Name = "n")]
    public int? DoneCount { get; set; }

    [Inject]
    private HandledStore Handling { get; set; } = default!;

    [Inject]
    private ReplayStore Replays { get; set; } = default!;

    [Inject]
    private TrafficQueries Traffic { get; set; } = default!;

    private FoundComplaints? Found { get; set; }

    /// <summary>Complaints of the range that count in part.</summary>
    private long InPart { get; set; }

    /// <summary>How often people took mail out of the spam folder in the range, as a sentence; null: nothing is known of the mail.</summary>
    private string? Rescues { get; set; }

    private string ListPath => $"{Path}/complaints";

    private string Wanted => (Search ?? "").Trim() is { Length: <= ComplaintFilter.MaxText } text ? text : "";

    private string? FateWord => Array.Exists(Fates, f => string.Equals(f.Word, State, StringComparison.Ordinal)) ? State : null;

    private Press? Type => PressWords.TryParse(TypeWord, out Press press) && press is not Press.NotSpam ? press : null;

    private bool? Handled => HandledWord switch { "yes" => true, "no" => false, _ => null };

    private string Signed => (SignedWord ?? "").Trim() is { Length: <= 253 } text ? text : "";

    private Tone DoneTone => Done is "handled" or "open" || (Done is "again" && DoneCount > 0) ? Tone.Ok : Tone.Warn;

    private string? DoneWords => Done switch
    {
        "handled" => $"{Counted.Of(DoneCount ?? 0, "complaint", "complaints")} marked as handled.",
        "open" => $"{Counted.Of(DoneCount ?? 0, "complaint", "complaints")} marked as not handled.",
        "again" when DoneCount > 0 => $"{Counted.Of(DoneCount.Value, "report is", "reports are")} on the way again. Of the others the message is no longer kept, or the report waits already.",
        "again" => $"No report was sent again: the messages are no longer kept, are older than {ReplayStore.Window.Days} days, or their reports wait already.",
        "none" => "Choose complaints first.",
        "noaddress" => "Reports can be sent again only to a confirmed feedback address. There is none.",
        "paused" => "Reports to the feedback address came back. Confirm the address again first.",
        "mailoff" => "Reports by mail are turned off for this domain.",
        "toomany" => $"{Counted.Number(ReplayStore.MostPerDay)} reports were sent again in the last 24 hours, which is as many as may be.",
        _ => null,
    };

    private ReportFate? Fate => FateWord switch
    {
        "queued" => ReportFate.Queued,
        "sent" => ReportFate.Sent,
        "failed" => ReportFate.Failed,
        "cancelled" => ReportFate.Cancelled,
        "none" => ReportFate.NoAddress,
        _ => null,
    };

    private IReadOnlyList<(string Name, string Value)> Filters
    {
        get
        {
            List<(string, string)> filters = [];
            if (Wanted.Length > 0)
                filters.Add(("q", Wanted));
            if (FateWord is { } fate)
                filters.Add(("state", fate));
            if (Type is { } type)
                filters.Add(("type", type.Word()));
            if (Handled is { } handled)
                filters.Add(("handled", handled ? "yes" : "no"));
            if (Signed.Length > 0)
                filters.Add(("signed", Signed));
            return filters;
        }
    }

    private ComplaintFilter Filter => new(Range.Start, Range.End, Wanted, Fate, PageNumber.Read(PageWord)) { Type = Type, Handled = Handled, SigningDomain = Signed.Length == 0 ? null : SignedName };

    // As people read it, or as it stands in DNS.
    private string SignedName => DomainName.TryParse(Signed, out DomainName? name, out _) ? name.Ascii : Signed;

    protected override async Task LoadDataAsync(AccessedDomain access)
    {
        Found = await Loop.SearchAsync(access.ClaimId, access.Domain, Filter, Aborted);
        InPart = (await Complaints.DailyAsync(access.Domain, Range.From, Range.To, Aborted)).Sum(d => d.InPart);
        Rescues = RescueWords.Of((await Traffic.DaysAsync(access.Domain, Range.From, Range.To, Aborted)).Total, Range.Words);
    }

    private async Task ActAsync()
    {
        if (!Access!.CanChange || !Access.IsInForce)
            return;
        IFormCollection form = Http.Request.Form;
        string act = form["act"].ToString();
        List<Guid> chosen = [.. form["chosen"].Select(word => Guid.TryParse(word, out Guid id) ? id : Guid.Empty).Where(id => id != Guid.Empty)];
        Guid self = Http.User.PortalId()!.Value;
        if (chosen.Count == 0)
            Return("none", 0);
        else if (act is "handled" or "open")
            Return(act, await Handling.MarkAsync(Access.Domain, chosen, self, act is "handled", Aborted));
        else if (act is "again")
            Return(await Replays.ReplayAsync(Access.ClaimId, self, chosen, Aborted));
    }

    private async Task SendAllAsync()
    {
        if (!Access!.CanChange || !Access.IsInForce)
            return;
        IReadOnlyList<Guid> all = [.. await Loop.IdsAsync(Access.ClaimId, Access.Domain, Filter, ReplayStore.MostAtOnce, Aborted)];
        Return(await Replays.ReplayAsync(Access.ClaimId, Http.User.PortalId()!.Value, all, Aborted));
    }

    private void Return(ReplayOutcome outcome) => Return(
        outcome.Refusal switch { null => "again", SendRefusal.NoAddress => "noaddress", SendRefusal.Paused => "paused", SendRefusal.MailOff => "mailoff", _ => "toomany" }, outcome.Queued);

    private void Return(string done, int count) => Navigation.NavigateTo($"{PageHref(PageNumber.Read(PageWord))}&done={done}&n={count}");

    private bool IsTooMany => Found is { IsMore: true } or { Total: > ReplayStore.MostAtOnce };

    private string AllWords => Found is { Total: 1 } ? "the one report" : $"{(IsTooMany ? "the newest" : "all")} {Counted.Number(Math.Min(Found?.Total ?? 0, ReplayStore.MostAtOnce))} reports";

    private string PageHref(int page) =>
        $"{ListPath}?{Range.Query}{string.Concat(Filters.Select(f => $"&{f.Name}={Uri.EscapeDataString(f.Value)}"))}{(page > 1 ? $"&page={page}" : "")}";
}
