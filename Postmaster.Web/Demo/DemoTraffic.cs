using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Demo;

/// <summary>
/// The mail servers and the mailbox users of the demo: a month of traffic and complaints when it starts on an empty folder, and a trickle from then on,
/// handed in over HTTP as mail servers and a webmail would.
/// </summary>
internal sealed partial class DemoTraffic(
    DemoSetup setup, DemoClock clock, IReadOnlyList<DemoSender> senders, IDbContextFactory<PostmasterDb> databases, PortalUrl portal,
    IOptions<IngestOptions> ingest, ComplaintSignal signal, IHostApplicationLifetime lifetime, ILogger<DemoTraffic> log) : BackgroundService
{
    /// <summary>The same story at every start.</summary>
    private const int Seed = 20261121, Mailboxes = 400, HandsAtOnce = 4, PartsOfDay = 3;
    /// <summary>Mails that come with a complaint of the trickle.</summary>
    private const int TrickleMails = 20;

    private static readonly TimeSpan TricklePause = TimeSpan.FromSeconds(8);
    private readonly Random _random = new(Seed);
    private readonly HttpClient _http = new();
    private readonly DemoEvents _events = new(new Random(Seed), clock, Mailboxes);

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        try
        {
            if (await IsNewAsync(stoppingToken))
                await MakeHistoryAsync(stoppingToken);
            else
                clock.Advance(TimeSpan.FromDays(DemoHost.Days));
            await setup.RunAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(TricklePause * (0.5 + _random.NextDouble()), stoppingToken);
                DemoSender sender = PickForTrickle();
                await PressAsync(sender, stoppingToken);
                await TellAsync([.. _events.Of(sender, sender.HabitsOn(DemoHost.Days), TricklePause, TrickleMails / (double)sender.HabitsOn(DemoHost.Days).Mails), .. _events.Done()], stoppingToken);
            }
        }
        catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(log, failed);
        }
    }

    private async Task MakeHistoryAsync(CancellationToken ct)
    {
        await setup.RunAsync(ct);
        TimeSpan span = TimeSpan.FromDays(1) / PartsOfDay;
        for (int part = 0; part < DemoHost.Days * PartsOfDay; part++)
        {
            int day = part / PartsOfDay;
            Task told = TellAsync([.. senders.SelectMany(s => _events.Of(s, s.HabitsOn(day), span, 1.0 / PartsOfDay)), .. _events.Done()], ct);
            List<DemoSender> complained = [.. senders.SelectMany(s => Enumerable.Repeat(s, Poisson(s.ComplaintsOn(day) / PartsOfDay)))];
            await Parallel.ForEachAsync(complained, new ParallelOptions { MaxDegreeOfParallelism = HandsAtOnce, CancellationToken = ct }, async (s, c) => await PressAsync(s, c));
            await told;
            await DrainedAsync(ct);
            if (part == 0)
                await setup.NameStreamsAsync(ct);
            clock.Advance(span);
            signal.Wake();
        }
    }

    /// <summary>One mail arrives in a mailbox, and its user presses the button.</summary>
    private async Task PressAsync(DemoSender sender, CancellationToken ct)
    {
        string mailbox;
        byte[] message;
        lock (_random)
        {
            int user = _random.Next(Mailboxes);
            _events.Complained(sender, user);
            mailbox = $"user{user}@{DemoHost.MailDomain}";
            message = new DemoMail(_random, clock).Write(sender, mailbox);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, portal.To(HttpDoor.Route)) { Content = new ByteArrayContent(message) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ingest.Value.Token);
        request.Headers.Add("X-Mailbox", mailbox);
        using HttpResponseMessage response = await _http.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>A batch of events, as a mail server's feeder sends it.</summary>
    private async Task TellAsync(IReadOnlyList<TrafficEvent> events, CancellationToken ct)
    {
        if (events.Count == 0)
            return;
        using var request = new HttpRequestMessage(HttpMethod.Post, portal.To(EventDoor.Route)) { Content = new ReadOnlyMemoryContent(TrafficEventWriter.Lines(events)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ingest.Value.Token);
        using HttpResponseMessage response = await _http.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Until everything of the day is read and every report has left; what the undo window holds is left to the next day.</summary>
    private async Task DrainedAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        while (await db.KeptComplaints.AnyAsync(k => k.State == KeptState.Kept, ct) || await db.Outbox.AnyAsync(m => m.State == OutboxState.Queued, ct))
            await Task.Delay(10, ct);
    }

    private async Task<bool> IsNewAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return !await db.Claims.AnyAsync(ct);
    }

    private DemoSender PickForTrickle()
    {
        int at = _random.Next(senders.Sum(s => s.TrickleShare));
        return senders.First(s => (at -= s.TrickleShare) < 0);
    }

    private int Poisson(double mean)
    {
        double limit = Math.Exp(-mean), product = _random.NextDouble();
        int count = 0;
        for (; product > limit; count++)
            product *= _random.NextDouble();
        return count;
    }

    private async Task StartedAsync(CancellationToken ct)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(ct);
    }

    [LoggerMessage(6900, LogLevel.Error, "demo stopped")]
    private static partial void LogFailed(ILogger log, Exception failure);
}
