using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>Rows for pages to show, written through the model. The workers stand still, so that what is seeded stays as it is.</summary>
internal sealed class PortalSeed(PostmasterApp app)
{
    private static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    /// <param name="compose">Last word on the services.</param>
    public static Task<PostmasterApp> StartAsync(Action<WebApplicationBuilder>? compose = null) => PostmasterApp.StartAsync(compose: builder =>
    {
        StopWorkers(builder);
        compose?.Invoke(builder);
    });

    public DateTimeOffset Now => app.Time.GetUtcNow();

    /// <param name="days">How long ago it was proved.</param>
    /// <param name="feedback">The feedback address; null for none.</param>
    public async Task<DomainClaim> ClaimAsync(
        string owner, string domain, ClaimState state = ClaimState.Proved, int days = 60, string? feedback = null, bool confirmed = true)
    {
        PortalUser user = await app.EnsureUserAsync(owner);
        DateTimeOffset proved = Now.AddDays(-days);
        var claim = new DomainClaim { OwnerId = user.Id, Domain = domain, Token = "abcdefghijklmnopqrstuvwxyz234567", CreatedAt = proved, NextCheckAt = null };
        if (state == ClaimState.Pending)
            claim.Observe(new ClaimObservation(ClaimOutcome.Absent, "NXDOMAIN from 192.0.2.53"), Now.AddMinutes(-3), Grace);
        else
            claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), proved, Grace);
        if (state is ClaimState.Warned or ClaimState.Suspended)
            claim.Observe(new ClaimObservation(ClaimOutcome.Absent, "NXDOMAIN from 192.0.2.53"), Now.AddDays(-1), state == ClaimState.Warned ? Grace : TimeSpan.Zero);
        Assert.Equal(state, claim.State);
        await using PostmasterDb db = await app.OpenDbAsync();
        db.Add(claim);
        await db.SaveChangesAsync();
        db.Add(new DomainMember { ClaimId = claim.Id, UserId = user.Id, Role = MemberRole.Owner, CreatedAt = proved });
        if (feedback is not null)
        {
            db.Add(new FeedbackAddress
            {
                ClaimId = claim.Id, Address = feedback, RequestedBy = user.Id, RequestedAt = proved, ConfirmedAt = confirmed ? proved : null, RateKey = feedback,
            });
        }

        await db.SaveChangesAsync();
        return claim;
    }

    public async Task MemberAsync(DomainClaim claim, string email, MemberRole role)
    {
        PortalUser user = await app.EnsureUserAsync(email);
        await using PostmasterDb db = await app.OpenDbAsync();
        db.Add(new DomainMember { ClaimId = claim.Id, UserId = user.Id, Role = role, CreatedAt = Now });
        await db.SaveChangesAsync();
    }

    /// <summary>Complaints about a domain's mail.</summary>
    public async Task CountAsync(string domain, int daysAgo, long count)
    {
        DateOnly day = DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-daysAgo);
        await using PostmasterDb db = await app.OpenDbAsync();
        MailDomain? owner = await db.MailDomains.FirstOrDefaultAsync(d => d.Name == domain);
        if (owner is null)
            db.Add(owner = new MailDomain { Name = domain, FirstDay = day, LastDay = DateOnly.FromDateTime(Now.UtcDateTime) });
        await db.SaveChangesAsync();
        MailStream? whole = await db.MailStreams.FirstOrDefaultAsync(s => s.DomainId == owner.Id && s.Kind == StreamKind.Whole);
        if (whole is null)
            db.Add(whole = new MailStream { DomainId = owner.Id, Kind = StreamKind.Whole, Value = "", FirstDay = day, LastDay = owner.LastDay });
        await db.SaveChangesAsync();
        var counts = new TrafficCounts { [TrafficCounter.Complaint] = count };
        await using var transaction = await db.Database.BeginTransactionAsync();
        await CellWriter.AddAsync(db, CellTable.Days, new Dictionary<long, TrafficCounts> { [CellKey.Day(whole.Id, day)] = counts }, CancellationToken.None);
        await transaction.CommitAsync();
    }

    /// <summary>Complaints of today that no claimed domain signed.</summary>
    public async Task UnattributedAsync(long count)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        db.Add(new DailyCount { Domain = "", Day = DateOnly.FromDateTime(Now.UtcDateTime), Kind = CountKind.Unattributed, Count = count });
        await db.SaveChangesAsync();
    }

    /// <summary>Counted mail of a stream of a domain, which is made when there is none; returns the stream's id.</summary>
    /// <param name="value">Empty for the whole.</param>
    /// <param name="eachDay">Fills the counters of a day, given how many days ago it was.</param>
    public async Task<int> TrafficAsync(string domain, StreamKind kind, string value, int days, Action<TrafficCounts, int> eachDay, MailType type = MailType.Unknown)
    {
        var today = DateOnly.FromDateTime(Now.UtcDateTime);
        await using PostmasterDb db = await app.OpenDbAsync();
        MailDomain? owner = await db.MailDomains.FirstOrDefaultAsync(d => d.Name == domain);
        if (owner is null)
        {
            db.Add(owner = new MailDomain { Name = domain, FirstDay = today.AddDays(1 - days), LastDay = today });
            await db.SaveChangesAsync();
        }

        MailStream? stream = await db.MailStreams.FirstOrDefaultAsync(s => s.DomainId == owner.Id && s.Kind == kind && s.Value == value);
        if (stream is null)
            db.Add(stream = new MailStream { DomainId = owner.Id, Kind = kind, Value = value, FirstDay = owner.FirstDay, LastDay = today });
        stream.OwnerType = type;
        await db.SaveChangesAsync();
        var cells = new Dictionary<long, TrafficCounts>();
        for (int ago = 0; ago < days; ago++)
        {
            var counts = new TrafficCounts();
            eachDay(counts, ago);
            cells[CellKey.Day(stream.Id, today.AddDays(-ago))] = counts;
        }

        await using var transaction = await db.Database.BeginTransactionAsync();
        await CellWriter.AddAsync(db, CellTable.Days, cells, CancellationToken.None);
        await transaction.CommitAsync();
        return stream.Id;
    }

    /// <param name="report">What became of the report; null: no confirmed address stood.</param>
    public async Task<Complaint> ComplaintAsync(
        DomainClaim claim, string? subject, DateTimeOffset pressed, OutboxState? report = OutboxState.Sent, Action<ComplaintDraft>? change = null)
    {
        var draft = new ComplaintDraft { MessageId = $"{Guid.NewGuid():N}@{claim.Domain}" };
        change?.Invoke(draft);
        await using PostmasterDb db = await app.OpenDbAsync();
        KeptComplaint kept = Kept(KeptState.Counted, subject, pressed);
        var complaint = new Complaint
        {
            KeptId = kept.Id, Domain = claim.Domain, SigningDomain = claim.Domain, PressedAt = pressed, ArrivedAt = pressed.AddHours(-5), Subject = subject,
            MessageId = draft.MessageId, ListId = draft.ListId, FeedbackId = draft.FeedbackId, SourceIp = "192.0.2.7", Evidence = draft.Evidence,
            AuthenticationResults = $"mx.provider.example; dkim=pass header.d={claim.Domain} header.s=s1",
        };
        db.Add(kept);
        await db.SaveChangesAsync();
        db.Add(complaint);
        if (report is { } state)
        {
            FeedbackAddress address = db.FeedbackAddresses.First(a => a.ClaimId == claim.Id && a.EndedAt == null);
            OutboxMessage mail = Mail(OutboxKind.FeedbackReport, address.Address, state, draft.Answer, kept.Id, pressed, draft.Attempts);
            db.Add(mail);
            await db.SaveChangesAsync();
            db.Add(new ReportDelivery { ComplaintId = complaint.Id, OutboxId = mail.Id, FeedbackAddressId = address.Id });
        }

        await db.SaveChangesAsync();
        return complaint;
    }

    public async Task<KeptComplaint> KeptAsync(KeptState state, string? subject, byte[]? message = null, string? mailbox = null, string? problem = null)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        KeptComplaint kept = Kept(state, subject, Now.AddMinutes(-2));
        var sealer = app.Services.GetRequiredService<Sealer>();
        kept.Problem = problem;
        if (mailbox is not null)
            kept.SealedMailbox = sealer.Seal(mailbox);
        db.Add(kept);
        await db.SaveChangesAsync();
        if (message is not null)
            db.Add(new KeptBody { KeptId = kept.Id, SealedRaw = sealer.Seal(message), MessageOffset = 0, MessageLength = message.Length });
        await db.SaveChangesAsync();
        return kept;
    }

    public async Task<OutboxMessage> MailAsync(OutboxState state, string to, string? answer = null, OutboxKind kind = OutboxKind.Notice)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        OutboxMessage mail = Mail(kind, to, state, answer, keptId: null, Now.AddMinutes(-30), attempts: answer is null ? 0 : 2);
        db.Add(mail);
        await db.SaveChangesAsync();
        return mail;
    }

    /// <summary>A mail that the owner had checked; the check is the real one.</summary>
    public async Task<Guid> SampleAsync(string owner, byte[] mail)
    {
        PortalUser user = await app.EnsureUserAsync(owner);
        var kept = (KeepSampleResult.Kept)await app.Services.GetRequiredService<SampleStore>().KeepAsync(new SampleViewer(user.Id, null), mail, CancellationToken.None);
        Assert.True(await app.Services.GetRequiredService<SampleWorker>().StepAsync(CancellationToken.None));
        return kept.Id;
    }

    public async Task<WebhookEndpoint> WebhookAsync(DomainClaim claim, string url, WebhookState state = WebhookState.On, DateTimeOffset? failingSince = null, string? disabledWhy = null)
    {
        var hook = new WebhookEndpoint
        {
            ClaimId = claim.Id, Url = url, SealedSecret = [1], CreatedBy = claim.OwnerId, CreatedAt = Now.AddDays(-9), DueAt = Now, State = state, ProvedAt = state == WebhookState.Waiting ? null : Now.AddDays(-9),
            FailingSince = failingSince, DisabledWhy = disabledWhy, LastDeliveredAt = state == WebhookState.On ? Now.AddMinutes(-4) : null,
        };
        await AddAsync(hook);
        return hook;
    }

    public Task PostedAsync(WebhookEndpoint hook, Complaint? complaint, WebhookDeliveryState state, int? status = 200, string? answer = null) => AddAsync(new WebhookDelivery
    {
        EndpointId = hook.Id, ComplaintId = complaint?.Id, State = state, CreatedAt = Now.AddMinutes(-5), DueAt = Now.AddMinutes(3), Attempts = 2, LastTryAt = Now.AddMinutes(-4), LastStatus = status, LastAnswer = answer,
        EndedAt = state == WebhookDeliveryState.Queued ? null : Now.AddMinutes(-4),
    });

    public Task DigestAsync(DomainClaim claim, string address, bool confirmed) => AddAsync(new Digest
    {
        ClaimId = claim.Id, Address = address, RequestedBy = claim.OwnerId, RequestedAt = Now.AddDays(-3), ConfirmedAt = confirmed ? Now.AddDays(-3) : null, Hour = 6, NextAt = Now.AddHours(5), RateKey = address,
    });

    private async Task AddAsync(object row)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        db.Add(row);
        await db.SaveChangesAsync();
    }

    private static KeptComplaint Kept(KeptState state, string? subject, DateTimeOffset at) => new()
    {
        Id = Guid.NewGuid(), Door = IntakeDoor.Lmtp, Press = Press.Spam, ReceivedAt = at, PressedAt = at, State = state, Size = 4321, Subject = subject,
        MailboxKey = Guid.NewGuid().ToByteArray(), MessageKey = Guid.NewGuid().ToByteArray(), DueAt = at, Evidence = Evidence.BorderResults,
        EndedAt = state is KeptState.Kept or KeptState.Held ? null : at,
    };

    private static OutboxMessage Mail(OutboxKind kind, string to, OutboxState state, string? answer, Guid? keptId, DateTimeOffset at, int attempts)
    {
        var id = Guid.NewGuid();
        return new OutboxMessage
        {
            Id = id, Kind = kind, To = to, KeptId = keptId, MessageId = $"{id:N}@fbl.provider.example", BounceToken = id.ToString("N"), State = state, CreatedAt = at,
            DueAt = at.AddHours(1), Attempts = attempts, LastAnswer = answer, EndedAt = state == OutboxState.Queued ? null : at.AddMinutes(11),
            SealedContent = kind == OutboxKind.Notice ? Encoding.ASCII.GetBytes("sealed") : null,
        };
    }

    private static void StopWorkers(WebApplicationBuilder builder)
    {
        foreach (ServiceDescriptor worker in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && IsOurs(s)).ToList())
            builder.Services.Remove(worker);
    }

    private static bool IsOurs(ServiceDescriptor service) =>
        (service.ImplementationType ?? service.ImplementationFactory?.Method.DeclaringType)?.Assembly == typeof(PostmasterDb).Assembly;
}

/// <summary>What a seeded complaint may have beside its subject.</summary>
internal sealed class ComplaintDraft
{
    public string? MessageId { get; set; }
    public string? ListId { get; set; }
    public string? FeedbackId { get; set; }
    public Evidence Evidence { get; set; } = Evidence.BorderResults;
    public string? Answer { get; set; } = "250 2.0.0 Ok: queued as 4ABC";
    public int Attempts { get; set; } = 1;
}
