using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class CfblConfiguration : IEntityTypeConfiguration<CfblInvitation>, IEntityTypeConfiguration<CfblContact>
{
    public void Configure(EntityTypeBuilder<CfblInvitation> builder)
    {
        builder.ToTable("CfblInvitations");
        builder.HasKey(i => new { i.KeptId, i.Number });
        builder.Property(i => i.Address).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(i => i.AddressDomain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.Property(i => i.By).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.Property(i => i.Code).HasMaxLength(64);
        builder.Property(i => i.Reason).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.Property(i => i.Section).HasMaxLength(64);
        builder.HasIndex(i => i.OutboxId).HasFilter("\"OutboxId\" IS NOT NULL");
        builder.HasIndex(i => i.ContactId).HasFilter("\"ContactId\" IS NOT NULL");
        builder.HasOne<KeptComplaint>().WithMany().HasForeignKey(i => i.KeptId);
    }

    public void Configure(EntityTypeBuilder<CfblContact> builder)
    {
        builder.ToTable("CfblContacts");
        builder.Property(c => c.Address).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(c => c.Domain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.Property(c => c.PauseAnswer).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(c => c.AddressKey).IsUnique();
        builder.HasIndex(c => new { c.Day, c.Domain });
        builder.HasIndex(c => c.LastAt);
    }
}
