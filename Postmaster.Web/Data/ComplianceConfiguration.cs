using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class ComplianceConfiguration : IEntityTypeConfiguration<FeederDay>, IEntityTypeConfiguration<ComplianceExample>, IEntityTypeConfiguration<DomainCheck>
{
    /// <summary>Characters of an example's texts; longer ones are cut before they get here.</summary>
    internal const int MessageIdLength = 255, ReasonLength = 200, IpLength = 45;

    public void Configure(EntityTypeBuilder<FeederDay> builder)
    {
        builder.HasKey(d => new { d.Day, d.FeederId });
        builder.HasOne<Feeder>().WithMany().HasForeignKey(d => d.FeederId);
    }

    public void Configure(EntityTypeBuilder<ComplianceExample> builder)
    {
        builder.HasKey(e => new { e.DomainId, e.Day, e.Requirement });
        builder.HasIndex(e => e.Day);
        builder.Property(e => e.MessageId).HasMaxLength(MessageIdLength);
        builder.Property(e => e.Ip).HasMaxLength(IpLength);
        builder.Property(e => e.Reason).HasMaxLength(ReasonLength);
        builder.HasOne<MailDomain>().WithMany().HasForeignKey(e => e.DomainId);
    }

    public void Configure(EntityTypeBuilder<DomainCheck> builder)
    {
        builder.HasKey(c => c.Domain);
        builder.Property(c => c.Domain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.HasIndex(c => c.CheckedAt);
    }
}
