using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples.Pages;

/// <summary>Where a mail is handed over, and what was handed over before.</summary>
public sealed partial class SampleList
{
    [SupplyParameterFromQuery]
    public string? Problem { get; set; }

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    [Inject]
    private SampleQueries Queries { get; set; } = default!;

    [Inject]
    private VisitorCookie Visitors { get; set; } = default!;

    [Inject]
    private IOptions<SamplesOptions> Options { get; set; } = default!;

    private IReadOnlyList<SampleRow> Rows { get; set; } = [];
    private bool HasNext { get; set; }
    private SampleViewer? Viewer { get; set; }
    private int PageNumber => Components.Shared.PageNumber.Read(Page);
    private TimeSpan Retention => Http.User.Identity?.IsAuthenticated == true ? Options.Value.Retention : Options.Value.AnonymousRetention;
    private string? DoneWords => Done is "deleted" ? "The mail and its result are deleted." : null;

    private string? ProblemWords => Problem switch
    {
        "empty" => "There was no mail in the form. Choose a file, or paste the whole source of the mail.",
        "header" => "That has no header of a mail. Paste the whole source: it begins with lines such as \"Received:\" and \"From:\".",
        "large" => $"That is larger than the {SampleWords.Size(Options.Value.MaxBytes)} that are checked here. A mail without its attachments tells the same about its signatures only if it is sent that way.",
        "often" => "That were many checks in a short time. Try again within the hour; what you checked before stays here.",
        "full" => $"You keep {Options.Value.MaxKept} mails here, which is as many as can be kept. Delete some that you no longer need.",
        "disk" => "There is no room for the mail just now. Try again later.",
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        if (Problem is "often")
            Http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        Viewer = Visitors.Read(Http);
        if (Viewer is not null)
            (Rows, HasNext) = await Queries.ListAsync(Viewer, PageNumber, Aborted);
    }

    private static string NameOf(SampleRow row) => row.State switch
    {
        SampleState.Waiting => "A one-time address",
        SampleState.Checked => "(no subject)",
        _ => "A mail",
    };
}
