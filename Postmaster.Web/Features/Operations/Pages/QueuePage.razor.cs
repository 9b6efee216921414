using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>What leaves, what waits and why; an operator may hurry a mail or take it out.</summary>
public sealed partial class QueuePage
{
    private const int Rows = 25;

    [SupplyParameterFromQuery(Name = "state")]
    public string? StateWord { get; set; }

    [SupplyParameterFromQuery(Name = "kind")]
    public string? KindWord { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    /// <summary>What the form of the page before did.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    public string? Done { get; set; }

    [Inject]
    private OutboxQueries Outbox { get; set; } = default!;

    [Inject]
    private QueueStore Store { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private QueueSummary Summary { get; set; } = default!;
    private ListPage<OutboxRow> Found { get; set; } = default!;
    private OutboxState? State { get; set; }
    private OutboxKind? Kind { get; set; }
    private bool IsFiltered => State is not null || Kind is not null;

    private (Tone Tone, string Text)? Notice => Done switch
    {
        "retry" => (Tone.Ok, "The mail is due now; the worker takes it up within moments."),
        "cancel" => (Tone.Ok, "The mail was taken out of the queue and will not be sent."),
        "late" => (Tone.Warn, "Nothing was changed: the mail is being sent at this moment, or has ended already."),
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        State = KeptWords.Read<OutboxState>(StateWord);
        Kind = KeptWords.Read<OutboxKind>(KindWord);
        Summary = await Outbox.SummaryAsync(Aborted);
        Found = await Outbox.ListAsync(State, Kind, PageNumber.Read(PageWord), Rows, Aborted);
    }

    private async Task ActAsync()
    {
        IFormCollection form = await Http.Request.ReadFormAsync(Aborted);
        string? done = null;
        if (Guid.TryParse(form["retry"].ToString(), out Guid retried))
            done = await Store.RetryAsync(retried, Aborted) ? "retry" : null;
        else if (Guid.TryParse(form["cancel"].ToString(), out Guid cancelled))
            done = await Store.CancelAsync(cancelled, Aborted) ? "cancel" : null;
        string here = PageHref(Found.Page);
        Navigation.NavigateTo($"{here}{(here.Contains('?', StringComparison.Ordinal) ? '&' : '?')}done={done ?? "late"}");
    }

    private static string RetryWords(OutboxRow row) => row.State == OutboxState.Failed ? "Try again" : "Try now";

    private static Tone ToneOf(OutboxRow row) => row.State switch
    {
        OutboxState.Sent => Tone.Ok,
        OutboxState.Failed => Tone.Bad,
        OutboxState.Queued when row.Attempts > 0 => Tone.Warn,
        _ => Tone.Neutral,
    };

    private string PageHref(int page)
    {
        List<string> query = [];
        if (State is { } state)
            query.Add($"state={KeptWords.Word(state)}");
        if (Kind is { } kind)
            query.Add($"kind={KeptWords.Word(kind)}");
        if (page > 1)
            query.Add($"page={page}");
        return query.Count == 0 ? "/operator/queue" : $"/operator/queue?{string.Join('&', query)}";
    }
}
