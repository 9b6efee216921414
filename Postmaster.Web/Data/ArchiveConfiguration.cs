using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class ArchiveConfiguration : IEntityTypeConfiguration<ArchiveBlock>, IEntityTypeConfiguration<ArchiveWord>
{
    /// <summary>Characters of a word; what is longer is cut before it gets here, and before it is looked for.</summary>
    internal const int WordLength = 64;

    public void Configure(EntityTypeBuilder<ArchiveBlock> builder)
    {
        builder.Property(b => b.Domain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.HasIndex(b => new { b.Domain, b.NewestAt });
    }

    public void Configure(EntityTypeBuilder<ArchiveWord> builder)
    {
        // The block first: what is written at one time lies at one place.
        builder.HasKey(w => new { w.BlockId, w.Word });
        // A signing domain is the longest that stands there.
        builder.Property(w => w.Word).HasMaxLength(ClaimConfiguration.DomainLength + 2);
        builder.HasOne<ArchiveBlock>().WithMany().HasForeignKey(w => w.BlockId).OnDelete(DeleteBehavior.Cascade);
    }
}
