using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Tests.Traffic;

/// <summary>What one feeder, or somebody without a token, can take away from the others.</summary>
public sealed class HostileFeederTests
{
    [Fact]
    public async Task A_feeder_whose_batches_never_end_leaves_places_for_the_others()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:MaxRequests", "4"));
        var feeders = app.Services.GetRequiredService<FeederStore>();
        int slow = await feeders.EnsureAsync("slow", CancellationToken.None), other = await feeders.EnsureAsync("other", CancellationToken.None);
        var intake = app.Services.GetRequiredService<EventIntake>();
        var bodies = new List<Pipe>();
        var held = new List<Task<IntakeOutcome>>();
        for (int i = 0; i < 3; i++)
        {
            bodies.Add(new Pipe());
            held.Add(intake.AcceptAsync(slow, null, bodies[i].Reader.AsStream(), CancellationToken.None));
        }

        Assert.IsType<IntakeOutcome.Busy>(await AcceptAsync(slow));
        Assert.IsType<IntakeOutcome.Counted>(await AcceptAsync(other));

        foreach (Pipe body in bodies)
            await body.Writer.CompleteAsync();
        await Task.WhenAll(held);
        Assert.IsType<IntakeOutcome.Counted>(await AcceptAsync(slow));

        async Task<IntakeOutcome> AcceptAsync(int feeder)
        {
            using var lines = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(app.Delivered("owner.example")));
            return await intake.AcceptAsync(feeder, null, lines, CancellationToken.None);
        }
    }

    [Fact]
    public async Task What_nobody_has_read_of_a_connection_stays_small()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        Assert.InRange(app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBufferSize!.Value, 1, 128 * 1024);
    }
}
