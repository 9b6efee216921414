using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Pages;

/// <summary>One complaint: the mail, why it counts, what became of the report. Never who complained.</summary>
public sealed partial class ComplaintPage
{
    [Parameter]
    public Guid Id { get; set; }

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private ComplaintDetail? Detail { get; set; }

    protected override async Task LoadDataAsync(AccessedDomain access)
    {
        Detail = await Loop.FindAsync(access.ClaimId, access.Domain, Id, Aborted);
        if (Detail is null)
            Navigation.NotFound();
    }

    private static string NextStep(DeliveryRow delivery) => delivery.State switch
    {
        OutboxState.Sent => "The relay took it. If it is not in the mailbox, look at the logs of your own mail server around that time.",
        OutboxState.Failed => "It will not be tried again. The complaint is counted all the same; mend what the answer says, and the next report will arrive.",
        OutboxState.Cancelled => "It was taken out of the queue because the address was changed or removed, or by an operator.",
        _ when delivery.Attempts > 0 => "It is tried again until it arrives or is too old. Nothing is lost meanwhile.",
        _ => "It leaves within moments.",
    };
}
