using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>The way out for a reader, who sees no list of members.</summary>
public sealed partial class LeaveDomain
{
    [Inject]
    private MemberStore Store { get; set; } = default!;

    private string? Problem { get; set; }

    protected override bool OwnersOnly => false;

    protected override Task LoadAsync(AccessedDomain access) => Task.CompletedTask;

    private async Task LeaveAsync()
    {
        Guid self = Http.User.PortalId()!.Value;
        if (await Store.RemoveAsync(Access!.ClaimId, self, self, Aborted) == MemberChange.LastOwner)
            Problem = "You are its last owner. Make somebody else an owner first, or remove the domain on its ownership page.";
        else
            Navigation.NavigateTo("/domains?done=left");
    }
}
