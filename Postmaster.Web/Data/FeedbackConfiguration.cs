using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class FeedbackConfiguration : IEntityTypeConfiguration<FeedbackSettings>, IEntityTypeConfiguration<AuditEntry>, IEntityTypeConfiguration<LeaveLink>, IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<FeedbackSettings> builder)
    {
        builder.HasKey(s => s.ClaimId);
        builder.HasOne<DomainClaim>().WithMany().HasForeignKey(s => s.ClaimId);
    }

    public void Configure(EntityTypeBuilder<LeaveLink> builder)
    {
        builder.HasKey(l => l.Address);
        builder.Property(l => l.Address).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.HasIndex(l => l.TokenHash).IsUnique();
    }

    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.Property(k => k.Name).HasMaxLength(64);
        builder.Property(k => k.Prefix).HasMaxLength(16);
        builder.HasIndex(k => k.KeyHash).IsUnique();
        builder.HasIndex(k => k.UserId);
        builder.HasOne<PortalUser>().WithMany().HasForeignKey(k => k.UserId);
    }

    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.Property(a => a.Domain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.Property(a => a.By).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(a => a.What).HasMaxLength(200);
        builder.Property(a => a.Detail).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(a => new { a.ClaimId, a.At });
        builder.HasIndex(a => new { a.Domain, a.At });
    }
}
