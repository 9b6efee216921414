using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class GroupConfiguration : IEntityTypeConfiguration<FeedbackGroup>, IEntityTypeConfiguration<GroupMember>, IEntityTypeConfiguration<GroupDelivery>
{
    public void Configure(EntityTypeBuilder<FeedbackGroup> builder)
    {
        builder.ToTable("FeedbackGroups");
        builder.Property(g => g.Token).HasMaxLength(32);
        builder.HasIndex(g => g.FeedbackAddressId).IsUnique();
        builder.HasIndex(g => g.Token).IsUnique();
        builder.HasIndex(g => g.ClaimId);
        builder.Property(g => g.UnnamedAnswer).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasOne<FeedbackAddress>().WithMany().HasForeignKey(g => g.FeedbackAddressId);
        builder.HasOne<DomainClaim>().WithMany().HasForeignKey(g => g.ClaimId);
    }

    public void Configure(EntityTypeBuilder<GroupMember> builder)
    {
        builder.ToTable("GroupMembers");
        builder.Property(m => m.Address).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(m => m.RateKey).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(m => m.PauseAnswer).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(m => new { m.GroupId, m.Address }).IsUnique().HasFilter("\"EndedAt\" IS NULL");
        builder.HasIndex(m => m.GroupId);
        builder.HasIndex(m => m.Address);
        builder.HasIndex(m => m.RateKey);
        builder.HasIndex(m => m.LeaveHash).IsUnique();
        builder.HasOne<FeedbackGroup>().WithMany().HasForeignKey(m => m.GroupId);
    }

    public void Configure(EntityTypeBuilder<GroupDelivery> builder)
    {
        builder.ToTable("GroupDeliveries");
        builder.HasKey(d => new { d.OutboxId, d.MemberId });
        builder.Property(d => d.Answer).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(d => new { d.MemberId, d.At });
        // So many copies left in the last minute.
        builder.HasIndex(d => d.At).HasFilter("\"OwnCopy\"");
        builder.HasOne<OutboxMessage>().WithMany().HasForeignKey(d => d.OutboxId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<GroupMember>().WithMany().HasForeignKey(d => d.MemberId);
    }
}
