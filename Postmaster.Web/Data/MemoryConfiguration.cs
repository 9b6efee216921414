using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class MemoryConfiguration :
    IEntityTypeConfiguration<MemoryClock>, IEntityTypeConfiguration<MemoryLog>, IEntityTypeConfiguration<MemoryPart>, IEntityTypeConfiguration<MemoryPage>
{
    public void Configure(EntityTypeBuilder<MemoryClock> builder)
    {
        builder.HasKey(c => c.Room);
        builder.Property(c => c.Room).ValueGeneratedNever();
        builder.HasData(new MemoryClock { Room = MemoryRoom.Deliveries }, new MemoryClock { Room = MemoryRoom.People });
    }

    public void Configure(EntityTypeBuilder<MemoryLog> builder)
    {
        builder.HasKey(l => l.Key);
        builder.Property(l => l.Key).ValueGeneratedNever();
    }

    public void Configure(EntityTypeBuilder<MemoryPart> builder)
    {
        builder.Property(p => p.Id).ValueGeneratedNever();
    }

    public void Configure(EntityTypeBuilder<MemoryPage> builder)
    {
        builder.HasKey(p => p.Key);
        builder.Property(p => p.Key).ValueGeneratedNever();
    }
}
