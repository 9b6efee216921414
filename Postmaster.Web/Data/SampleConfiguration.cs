using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class SampleConfiguration : IEntityTypeConfiguration<Sample>, IEntityTypeConfiguration<SampleBody>
{
    public void Configure(EntityTypeBuilder<Sample> builder)
    {
        // A worker whose lease another one has taken over cannot write any more.
        builder.Property(s => s.LeaseUntil).IsConcurrencyToken();
        builder.HasIndex(s => new { s.OwnerId, s.CreatedAt });
        builder.HasIndex(s => new { s.VisitorKey, s.CreatedAt });
        builder.HasIndex(s => s.AddressHash).IsUnique().HasFilter("\"AddressHash\" IS NOT NULL");
        builder.HasIndex(s => s.ShareHash).IsUnique().HasFilter("\"ShareHash\" IS NOT NULL");
        builder.HasIndex(s => new { s.State, s.DueAt });
        builder.HasIndex(s => s.ExpiresAt);
        builder.HasOne<PortalUser>().WithMany().HasForeignKey(s => s.OwnerId).OnDelete(DeleteBehavior.Cascade);
    }

    public void Configure(EntityTypeBuilder<SampleBody> builder)
    {
        builder.HasKey(b => b.SampleId);
        builder.HasOne<Sample>().WithOne().HasForeignKey<SampleBody>(b => b.SampleId).OnDelete(DeleteBehavior.Cascade);
    }
}
