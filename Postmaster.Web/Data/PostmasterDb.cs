using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Cfbl;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

/// <summary>
/// All tables. What one database engine needs and another does not lives in a derived context,
/// <see cref="Sqlite.SqlitePostmasterDb"/> or <see cref="Postgres.PostgresPostmasterDb"/>, which also owns the migrations for that engine.
/// </summary>
public abstract class PostmasterDb(DbContextOptions options) : IdentityUserContext<PortalUser, Guid>(options)
{
    public DbSet<DomainClaim> Claims => Set<DomainClaim>();
    public DbSet<DomainMember> Members => Set<DomainMember>();
    public DbSet<MemberInvitation> Invitations => Set<MemberInvitation>();
    public DbSet<FeedbackAddress> FeedbackAddresses => Set<FeedbackAddress>();
    public DbSet<FeedbackGroup> FeedbackGroups => Set<FeedbackGroup>();
    public DbSet<GroupMember> GroupMembers => Set<GroupMember>();
    public DbSet<GroupDelivery> GroupDeliveries => Set<GroupDelivery>();
    public DbSet<FeedbackSettings> FeedbackSettings => Set<FeedbackSettings>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();
    public DbSet<Digest> Digests => Set<Digest>();
    public DbSet<DigestDay> DigestDays => Set<DigestDay>();
    public DbSet<LeaveLink> LeaveLinks => Set<LeaveLink>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<ArchiveBlock> ArchiveBlocks => Set<ArchiveBlock>();
    public DbSet<ArchiveWord> ArchiveWords => Set<ArchiveWord>();
    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();
    public DbSet<KeptComplaint> KeptComplaints => Set<KeptComplaint>();
    public DbSet<KeptBody> KeptBodies => Set<KeptBody>();
    public DbSet<Complaint> Complaints => Set<Complaint>();
    public DbSet<DailyCount> DailyCounts => Set<DailyCount>();
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();
    public DbSet<Bounce> Bounces => Set<Bounce>();
    public DbSet<CfblInvitation> CfblInvitations => Set<CfblInvitation>();
    public DbSet<CfblContact> CfblContacts => Set<CfblContact>();
    public DbSet<ReportDelivery> ReportDeliveries => Set<ReportDelivery>();
    public DbSet<ProviderKey> ProviderKeys => Set<ProviderKey>();
    public DbSet<Sample> Samples => Set<Sample>();
    public DbSet<SampleBody> SampleBodies => Set<SampleBody>();
    public DbSet<MailDomain> MailDomains => Set<MailDomain>();
    public DbSet<MailStream> MailStreams => Set<MailStream>();
    public DbSet<TrafficDay> TrafficDays => Set<TrafficDay>();
    public DbSet<TrafficHour> TrafficHours => Set<TrafficHour>();
    public DbSet<Feeder> Feeders => Set<Feeder>();
    public DbSet<IngestBatch> IngestBatches => Set<IngestBatch>();
    public DbSet<FeederDay> FeederDays => Set<FeederDay>();
    public DbSet<ComplianceExample> ComplianceExamples => Set<ComplianceExample>();
    public DbSet<DomainCheck> DomainChecks => Set<DomainCheck>();
    public DbSet<ReputationDay> ReputationDays => Set<ReputationDay>();
    public DbSet<MemoryClock> MemoryClocks => Set<MemoryClock>();
    public DbSet<MemoryLog> MemoryLogs => Set<MemoryLog>();
    public DbSet<MemoryPart> MemoryParts => Set<MemoryPart>();
    public DbSet<MemoryPage> MemoryPages => Set<MemoryPage>();

    /// <summary>Whether a failed save means that the disk has no room left.</summary>
    public abstract bool IsStorageFull(Exception failure);

    /// <summary>
    /// Begins a transaction that runs alone among all that are begun here, on whatever machine: what it has read stays true until it commits, as
    /// far as only such transactions write it. For rules over several rows ("at most so many", "an owner remains"). It may wait for another.
    /// </summary>
    public abstract Task<IDbContextTransaction> BeginExclusiveAsync(CancellationToken ct);

    /// <summary>Adds counts to cells within the current transaction; called by <see cref="CellWriter"/> alone.</summary>
    /// <param name="deltas">Not empty, in order.</param>
    internal abstract Task AddCellsAsync(CellTable table, CellBatch deltas, CancellationToken ct);

    /// <summary>SQL's lower() on ASCII letters; the rest stays. For comparing without case in the same way on every database.</summary>
    public static string LowerAscii(string? text) => throw new InvalidOperationException("It is translated to SQL.");

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(PostmasterDb).Assembly);
        builder.HasDbFunction(() => LowerAscii(default)).HasName("lower").IsBuiltIn();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        base.ConfigureConventions(conventions);
        foreach (Type words in (Type[])
        [
            typeof(ClaimState), typeof(MemberRole), typeof(LinkPurpose), typeof(IntakeDoor), typeof(Press), typeof(KeptState),
            typeof(Evidence), typeof(CountKind), typeof(OutboxKind), typeof(OutboxState), typeof(SampleState), typeof(BounceKind), typeof(ReportShape), typeof(PartReason),
            typeof(ReportFormat), typeof(CfblSource), typeof(CfblFate), typeof(CfblReportFormat), typeof(WebhookFormat), typeof(WebhookState), typeof(WebhookDeliveryState),
            typeof(ApiScope), typeof(GroupDeliveryState), typeof(OutboxHold),
        ])
            conventions.Properties(words).HaveConversion<string>().HaveMaxLength(32);
    }
}
