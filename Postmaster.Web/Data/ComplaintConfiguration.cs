using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class ComplaintConfiguration :
    IEntityTypeConfiguration<KeptComplaint>, IEntityTypeConfiguration<KeptBody>, IEntityTypeConfiguration<Complaint>,
    IEntityTypeConfiguration<DailyCount>
{
    internal const int TextLength = 998;

    public void Configure(EntityTypeBuilder<KeptComplaint> builder)
    {
        builder.Property(k => k.Subject).HasMaxLength(TextLength);
        builder.Property(k => k.MessageId).HasMaxLength(TextLength);
        builder.Property(k => k.AuthorDomain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.Property(k => k.Problem).HasMaxLength(TextLength);
        builder.Property(k => k.NotReported).HasMaxLength(TextLength);
        builder.Property(k => k.ListId).HasMaxLength(TextLength);
        builder.Property(k => k.FeedbackId).HasMaxLength(TextLength);
        builder.Property(k => k.CfblFeedbackId).HasMaxLength(TextLength);
        builder.Property(k => k.SourceIp).HasMaxLength(45);
        // A worker whose lease another one has taken over cannot write any more.
        builder.Property(k => k.LeaseUntil).IsConcurrencyToken();
        builder.HasIndex(k => new { k.State, k.DueAt });
        builder.HasIndex(k => k.ReceivedAt);
        builder.HasIndex(k => new { k.MailboxKey, k.State });
        builder.HasIndex(k => new { k.MailboxKey, k.PressedAt });
        // One mailbox counts once a message: the database holds the rule, whatever the number of workers.
        builder.HasIndex(k => new { k.MailboxKey, k.MessageKey }).IsUnique().HasFilter("\"State\" IN ('Counted', 'Unattributed')");
    }

    public void Configure(EntityTypeBuilder<KeptBody> builder)
    {
        builder.HasKey(b => b.KeptId);
        builder.HasOne<KeptComplaint>().WithOne().HasForeignKey<KeptBody>(b => b.KeptId);
    }

    public void Configure(EntityTypeBuilder<Complaint> builder)
    {
        builder.Property(c => c.Domain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.Property(c => c.SigningDomain).HasMaxLength(ClaimConfiguration.DomainLength);
        builder.Property(c => c.Subject).HasMaxLength(TextLength);
        builder.Property(c => c.MessageId).HasMaxLength(TextLength);
        builder.Property(c => c.ListId).HasMaxLength(TextLength);
        builder.Property(c => c.FeedbackId).HasMaxLength(TextLength);
        builder.Property(c => c.CfblFeedbackId).HasMaxLength(TextLength);
        builder.Property(c => c.Press).HasDefaultValue(Press.Spam);
        builder.Property(c => c.SourceIp).HasMaxLength(45);
        builder.Property(c => c.NotReported).HasMaxLength(TextLength);
        builder.HasIndex(c => new { c.KeptId, c.Domain }).IsUnique();
        builder.HasIndex(c => new { c.Domain, c.PressedAt });
        builder.HasIndex(c => new { c.Domain, c.Id });
        builder.HasIndex(c => new { c.Domain, c.PressedAt }, "IX_Complaints_Unarchived").HasFilter("\"ArchiveBlockId\" IS NULL");
        builder.HasIndex(c => c.PersonKey).HasFilter("\"PersonKey\" IS NOT NULL");
        builder.HasOne<KeptComplaint>().WithMany().HasForeignKey(c => c.KeptId);
    }

    public void Configure(EntityTypeBuilder<DailyCount> builder)
    {
        builder.HasKey(c => new { c.Domain, c.Day, c.Kind });
        builder.Property(c => c.Domain).HasMaxLength(ClaimConfiguration.DomainLength);
    }
}
