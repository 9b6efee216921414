using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Domains.Pages;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups.Pages;

/// <summary>Who gets the reports of this domain, and does each of them have them?</summary>
public sealed partial class GroupPage
{
    private static readonly char[] Between = ['\n', '\r', ',', ';'];

    [SupplyParameterFromForm(FormName = "invite")]
    public string? Addresses { get; set; }

    [Inject]
    private GroupQueries Queries { get; set; } = default!;

    [Inject]
    private GroupStore Store { get; set; } = default!;

    [Inject]
    private GroupCatchUp CatchUp { get; set; } = default!;

    [Inject]
    private FeedbackAddressStore Address { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private GroupView? View { get; set; }
    private string? Problem { get; set; }
    private Guid Self => Http.User.PortalId()!.Value;

    private string? DoneWords => Done switch
    {
        "made" => "The group is there. Invite its members.",
        "invited" => "The invitations are on their way. Members show here as soon as they have agreed.",
        "again" => "The mail with the link is on its way.",
        "removed" => "The member was removed and gets nothing more.",
        "missed" => "What the member missed is on its way to that member alone.",
        "let-be" => "What the member missed stays away.",
        "copies" => "That holds from the next report on.",
        _ => null,
    };

    protected override async Task LoadAsync(AccessedDomain access) => View = await Queries.FindAsync(access.ClaimId, Aborted);

    private async Task MakeAsync()
    {
        if (await Store.CreateAsync(Access!.ClaimId, Self, Aborted))
            Leave("feedback/group", "made");
        else
            Problem = "The domain is not proved at the moment, or there is a group already.";
    }

    private async Task InviteAsync()
    {
        string[] wanted = [.. (Addresses ?? "").Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase).Take(GroupStore.MostMembers)];
        var refused = new List<string>();
        foreach (string address in wanted)
        {
            GroupInvite result = await Store.InviteAsync(Access!.ClaimId, Self, address, Aborted);
            if (result is not GroupInvite.Sent)
                refused.Add($"“{address}” {GroupWords.Of(result)}.");
        }

        if (wanted.Length > 0 && refused.Count == 0)
        {
            Leave("feedback/group", "invited");
            return;
        }

        int sent = wanted.Length - refused.Count;
        Problem = wanted.Length == 0 ? "Write at least one mail address." : $"{(sent > 0 ? string.Create(CultureInfo.InvariantCulture, $"{sent} invited. ") : "")}{string.Join(" ", refused)}";
        Addresses = null;
        View = await Queries.FindAsync(Access!.ClaimId, Aborted);
    }

    private async Task AgainAsync(MemberView member)
    {
        GroupInvite result = await Store.InviteAsync(Access!.ClaimId, Self, member.Address, Aborted);
        if (result is GroupInvite.Sent)
            Leave("feedback/group", "again");
        else
            Problem = $"{member.Address} {GroupWords.Of(result)}.";
    }

    private async Task RemoveAsync(MemberView member)
    {
        await Store.RemoveAsync(Access!.ClaimId, member.Id, Self, Aborted);
        Leave("feedback/group", "removed");
    }

    private async Task SendMissedAsync(MemberView member)
    {
        if (await CatchUp.SendAsync(Access!.ClaimId, member.Id, Self, Aborted) > 0)
            Leave("feedback/group", "missed");
        else
            Problem = "As many reports were sent again in the last 24 hours as may be; try again later.";
    }

    private async Task LetBeAsync(MemberView member)
    {
        await CatchUp.LeaveAsync(Access!.ClaimId, member.Id, Self, Aborted);
        Leave("feedback/group", "let-be");
    }

    private async Task CopiesAsync()
    {
        await Store.SetPersonalCopiesAsync(Access!.ClaimId, Self, !View!.PersonalCopies, Aborted);
        Leave("feedback/group", "copies");
    }

    private async Task EndAsync()
    {
        await Address.RemoveAsync(Access!.ClaimId, Self, Aborted);
        Leave("feedback", "ended");
    }

    private bool Waits(MemberView member) => member.LinkEnds > Time.GetUtcNow();

    private string Seeking(UnnamedBounce unnamed) => View!.PersonalCopies || unnamed.CopiesLeft > 0
        ? $"{(View.PersonalCopies ? "Each report goes" : unnamed.CopiesLeft == 1 ? "The next report goes" : $"The next {unnamed.CopiesLeft} reports go")} out as a copy for each member; when one comes back, it names its member."
        : "Reports sent since as a copy for each member have not come back.";

    private static string Kind(GroupReport report) => report.Kind is OutboxKind.TestReport ? "test report" : report.IsReplay ? "report sent again" : "report";

    private static string Sum(GroupReport report) => report.State switch
    {
        OutboxState.Cancelled => "cancelled",
        OutboxState.Queued when report.Members.Count == 0 => "waits",
        _ => string.Create(CultureInfo.InvariantCulture, $"{report.Members.Count(m => m.State is GroupDeliveryState.Accepted)} of {report.Members.Count} have it{(report.State is OutboxState.Queued ? ", tried again for the others" : "")}"),
    };
}
