using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class OutboxConfiguration :
    IEntityTypeConfiguration<OutboxMessage>, IEntityTypeConfiguration<ReportDelivery>, IEntityTypeConfiguration<ProviderKey>, IEntityTypeConfiguration<Bounce>
{
    /// <summary>SQL that both databases read: SQLite keeps truth as a number.</summary>
    private const string NoReplay = "\"KeptId\" IS NOT NULL AND NOT \"IsReplay\"";

    public void Configure(EntityTypeBuilder<OutboxMessage> builder)
    {
        builder.Property(m => m.IsReplay).HasDefaultValue(false);
        builder.HasIndex(m => new { m.FeedbackAddressId, m.CreatedAt }).HasFilter("\"FeedbackAddressId\" IS NOT NULL");
        builder.Property(m => m.Incidents).HasDefaultValue(1);
        builder.Property(m => m.AlikeKey).HasMaxLength(64);
        builder.HasIndex(m => new { m.AlikeKey, m.CreatedAt }).HasFilter("\"AlikeKey\" IS NOT NULL AND \"State\" = 'Queued'");
        builder.HasIndex(m => m.RolledIntoId).HasFilter("\"RolledIntoId\" IS NOT NULL");
        builder.ToTable("Outbox");
        builder.Property(m => m.To).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(m => m.MessageId).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.Property(m => m.BounceToken).HasMaxLength(64);
        builder.Property(m => m.LastAnswer).HasMaxLength(ComplaintConfiguration.TextLength);
        // A worker whose lease another one has taken over cannot write any more.
        builder.Property(m => m.LeaseUntil).IsConcurrencyToken();
        builder.HasIndex(m => new { m.State, m.DueAt });
        builder.HasIndex(m => new { m.State, m.EndedAt });
        builder.HasIndex(m => new { m.To, m.EndedAt });
        builder.HasIndex(m => m.BounceToken).IsUnique();
        builder.HasIndex(m => new { m.KeptId, m.To }).IsUnique().HasFilter(NoReplay);
    }

    public void Configure(EntityTypeBuilder<ReportDelivery> builder)
    {
        builder.HasKey(d => new { d.ComplaintId, d.FeedbackAddressId, d.OutboxId });
        builder.HasIndex(d => d.OutboxId);
        builder.HasIndex(d => d.FeedbackAddressId);
        builder.HasOne<Complaint>().WithMany().HasForeignKey(d => d.ComplaintId);
        builder.HasOne<OutboxMessage>().WithMany().HasForeignKey(d => d.OutboxId);
        builder.HasOne<FeedbackAddress>().WithMany().HasForeignKey(d => d.FeedbackAddressId);
    }

    public void Configure(EntityTypeBuilder<ProviderKey> builder)
    {
        builder.HasKey(k => k.Name);
        builder.Property(k => k.Name).HasMaxLength(64);
    }

    public void Configure(EntityTypeBuilder<Bounce> builder)
    {
        builder.Property(b => b.To).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(b => b.Answer).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.Property(b => b.Outcome).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(b => b.OutboxId);
        builder.HasIndex(b => new { b.To, b.ReceivedAt });
        builder.HasIndex(b => b.ReceivedAt);
        builder.HasOne<OutboxMessage>().WithMany().HasForeignKey(b => b.OutboxId).OnDelete(DeleteBehavior.Cascade);
    }
}
