using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class ClaimConfiguration :
    IEntityTypeConfiguration<DomainClaim>, IEntityTypeConfiguration<DomainMember>, IEntityTypeConfiguration<MemberInvitation>,
    IEntityTypeConfiguration<FeedbackAddress>, IEntityTypeConfiguration<OneTimeLink>
{
    /// <summary>RFC 1035 §2.3.4 and RFC 5321 §4.5.3.1: a name has at most 253 characters, an address at most 320.</summary>
    internal const int DomainLength = 253, AddressLength = 320;

    public void Configure(EntityTypeBuilder<DomainClaim> builder)
    {
        builder.Property(c => c.Domain).HasMaxLength(DomainLength);
        builder.Property(c => c.CoveredBy).HasMaxLength(DomainLength);
        builder.Property(c => c.LastAnswer).HasMaxLength(500);
        builder.Property(c => c.Token).HasMaxLength(64);
        builder.Property(c => c.Revision).IsConcurrencyToken();
        builder.HasQueryFilter(c => c.RemovedAt == null);
        builder.HasIndex(c => new { c.OwnerId, c.Domain }).IsUnique().HasFilter("\"RemovedAt\" IS NULL");
        builder.HasIndex(c => c.Domain);
        builder.HasIndex(c => c.NextCheckAt);
        builder.HasOne<PortalUser>().WithMany().HasForeignKey(c => c.OwnerId);
    }

    public void Configure(EntityTypeBuilder<DomainMember> builder)
    {
        builder.HasKey(m => new { m.ClaimId, m.UserId });
        builder.HasIndex(m => m.UserId);
        builder.HasOne<DomainClaim>().WithMany().HasForeignKey(m => m.ClaimId);
        builder.HasOne<PortalUser>().WithMany().HasForeignKey(m => m.UserId);
    }

    public void Configure(EntityTypeBuilder<MemberInvitation> builder)
    {
        builder.Property(i => i.Email).HasMaxLength(AddressLength);
        builder.Property(i => i.RateKey).HasMaxLength(AddressLength);
        builder.HasIndex(i => new { i.RateKey, i.CreatedAt });
        builder.HasOne<DomainClaim>().WithMany().HasForeignKey(i => i.ClaimId);
    }

    public void Configure(EntityTypeBuilder<FeedbackAddress> builder)
    {
        builder.Property(a => a.Address).HasMaxLength(AddressLength);
        builder.Property(a => a.RateKey).HasMaxLength(AddressLength);
        builder.Property(a => a.IsGroup).HasDefaultValue(false);
        builder.Property(a => a.PauseAnswer).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(a => a.RateKey);
        builder.HasIndex(a => a.Address);
        builder.HasIndex(a => a.ClaimId).IsUnique().HasFilter("\"EndedAt\" IS NULL");
        builder.HasOne<DomainClaim>().WithMany().HasForeignKey(a => a.ClaimId);
    }

    public void Configure(EntityTypeBuilder<OneTimeLink> builder)
    {
        builder.HasKey(l => l.TokenHash);
        builder.HasIndex(l => new { l.Purpose, l.Subject });
    }
}
