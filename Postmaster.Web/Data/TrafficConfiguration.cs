using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class TrafficConfiguration :
    IEntityTypeConfiguration<MailDomain>, IEntityTypeConfiguration<MailStream>, IEntityTypeConfiguration<TrafficDay>, IEntityTypeConfiguration<TrafficHour>,
    IEntityTypeConfiguration<Feeder>, IEntityTypeConfiguration<IngestBatch>, IEntityTypeConfiguration<ReputationDay>
{
    /// <summary>Characters of a stream's value; longer ones are cut before they get here.</summary>
    internal const int ValueLength = 255;

    public void Configure(EntityTypeBuilder<MailDomain> builder)
    {
        builder.Property(d => d.Name).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.HasIndex(d => d.Name).IsUnique();
    }

    public void Configure(EntityTypeBuilder<MailStream> builder)
    {
        builder.Property(s => s.Value).HasMaxLength(ValueLength);
        builder.Property(s => s.Title).HasMaxLength(100);
        builder.HasIndex(s => new { s.DomainId, s.Kind, s.Value }).IsUnique();
        // The few that somebody has named a type of are asked for at each commit.
        builder.HasIndex(s => new { s.OwnerType, s.OperatorType }).HasFilter("\"OwnerType\" <> 0 OR \"OperatorType\" <> 0");
        builder.HasOne<MailDomain>().WithMany().HasForeignKey(s => s.DomainId);
    }

    public void Configure(EntityTypeBuilder<TrafficDay> builder) => Cell(builder, nameof(TrafficDay.Key));

    public void Configure(EntityTypeBuilder<TrafficHour> builder) => Cell(builder, nameof(TrafficHour.Key));

    public void Configure(EntityTypeBuilder<Feeder> builder)
    {
        builder.Property(f => f.Name).HasMaxLength(64);
        builder.HasIndex(f => f.Name).IsUnique();
        builder.HasIndex(f => f.TokenHash).IsUnique();
    }

    public void Configure(EntityTypeBuilder<IngestBatch> builder)
    {
        builder.HasKey(b => new { b.FeederId, b.Key });
        builder.HasIndex(b => b.CommittedAt);
        builder.HasOne<Feeder>().WithMany().HasForeignKey(b => b.FeederId);
    }

    public void Configure(EntityTypeBuilder<ReputationDay> builder)
    {
        builder.HasKey(d => d.Key);
        builder.Property(d => d.Key).ValueGeneratedNever();
        builder.Property(d => d.Causes).HasMaxLength(1000);
    }

    private static void Cell<T>(EntityTypeBuilder<T> builder, string key)
        where T : class
    {
        builder.HasKey(key);
        builder.Property<long>(key).ValueGeneratedNever();
        foreach (TrafficCounter counter in Enum.GetValues<TrafficCounter>())
            builder.Property<long>(counter.ToString()).HasDefaultValue(0L);
        builder.Property<long>(CellTable.Recipients).HasDefaultValue(0L);
    }
}
