using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>Whether the service is well: first what needs a look, then the numbers.</summary>
public sealed partial class OperatorHome
{
    /// <summary>Complaints are taken up within seconds of being due; longer means that the worker stands still or DNS does not answer.</summary>
    private static readonly TimeSpan LongestOverdue = TimeSpan.FromMinutes(10);

    /// <summary>A relay that is away for an hour is worth a telephone call.</summary>
    private static readonly TimeSpan LongestQueued = TimeSpan.FromHours(1);

    [Inject]
    private OperatorQueries Queries { get; set; } = default!;

    [Inject]
    private FeederQueries Feeders { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private ServiceGlance Glance { get; set; } = default!;
    private DateTimeOffset Now { get; set; }
    private List<(Tone Tone, string Badge, string Words, string Href, string Link)> Worries { get; } = [];

    protected override async Task OnInitializedAsync()
    {
        Now = Time.GetUtcNow();
        Glance = await Queries.GlanceAsync(Aborted);
        if (Glance.OldestOverdueAt is { } due && Now - due >= LongestOverdue)
        {
            Worries.Add((Tone.Bad, "Complaints wait", $"The oldest should have been taken up {RelativeWords.Of(due, Now)}.", "/operator/complaints?state=kept", "See what is waiting"));
        }

        if (Glance.OldestQueuedAt is { } queued && Now - queued >= LongestQueued)
        {
            string answer = OutsideWords.Line(Glance.QueueAnswer, 200);
            Worries.Add((Tone.Bad, "Mail waits", $"The oldest was queued {RelativeWords.Of(queued, Now)}{(answer.Length > 0 ? $"; last answer: {answer}" : "")}.", "/operator/queue?state=queued", "See the queue"));
        }

        if (Glance.FailedToday > 0)
        {
            Worries.Add((Tone.Warn, "Mail failed", $"{Counted.Of(Glance.FailedToday, "mail was", "mails were")} given up on in the last 24 hours.", "/operator/queue?state=failed", "See why"));
        }

        if (Glance.Unvouched > 0)
        {
            Worries.Add((Tone.Warn, "Unvouched", $"{Counted.Of(Glance.Unvouched, "complaint is", "complaints are")} not counted, because no Authentication-Results field of the border says who complained.", "/operator/complaints?state=unvouched", "Look whether the border's settings are right"));
        }

        foreach (FeederRow feeder in (await Feeders.ListAsync(Aborted)).Where(f => f.Standing == FeederStanding.Silent))
        {
            Worries.Add((Tone.Bad, "Feeder silent", $"{feeder.Name} has sent nothing for {RelativeWords.Length(Now - feeder.LastBatchAt!.Value)}; the numbers of its mail are missing.", "/operator/feeders", "See the feeders"));
        }
    }

    private string Age(DateTimeOffset? since) => since is { } instant ? RelativeWords.Of(instant, Now) : "none";
}
