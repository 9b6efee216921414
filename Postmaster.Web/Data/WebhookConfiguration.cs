using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Postmaster.Web.Model;

namespace Postmaster.Web.Data;

internal sealed class WebhookConfiguration :
    IEntityTypeConfiguration<WebhookEndpoint>, IEntityTypeConfiguration<WebhookDelivery>, IEntityTypeConfiguration<Digest>, IEntityTypeConfiguration<DigestDay>
{
    /// <summary>Characters of an address that is posted to.</summary>
    internal const int UrlLength = 500;

    /// <summary>Characters that are kept of an answer.</summary>
    internal const int AnswerLength = 300;

    public void Configure(EntityTypeBuilder<WebhookEndpoint> builder)
    {
        builder.Property(e => e.Url).HasMaxLength(UrlLength);
        builder.Property(e => e.DisabledWhy).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(e => e.ClaimId).HasFilter("\"EndedAt\" IS NULL");
        builder.HasOne<DomainClaim>().WithMany().HasForeignKey(e => e.ClaimId);
    }

    public void Configure(EntityTypeBuilder<WebhookDelivery> builder)
    {
        builder.Property(d => d.LastAnswer).HasMaxLength(AnswerLength);
        builder.HasIndex(d => new { d.EndpointId, d.State, d.DueAt });
        builder.HasIndex(d => new { d.EndpointId, d.CreatedAt });
        builder.HasIndex(d => new { d.State, d.CreatedAt });
        builder.HasIndex(d => new { d.ComplaintId, d.EndpointId, d.Event }).IsUnique().HasFilter("\"ComplaintId\" IS NOT NULL");
        builder.HasOne<WebhookEndpoint>().WithMany().HasForeignKey(d => d.EndpointId);
        builder.HasOne<Complaint>().WithMany().HasForeignKey(d => d.ComplaintId);
    }

    public void Configure(EntityTypeBuilder<Digest> builder)
    {
        builder.Property(d => d.Address).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(d => d.RateKey).HasMaxLength(ClaimConfiguration.AddressLength);
        builder.Property(d => d.PauseAnswer).HasMaxLength(ComplaintConfiguration.TextLength);
        builder.HasIndex(d => d.RateKey);
        builder.HasIndex(d => d.NextAt).HasFilter("\"EndedAt\" IS NULL");
        builder.HasIndex(d => d.ClaimId).IsUnique().HasFilter("\"EndedAt\" IS NULL");
        builder.HasOne<DomainClaim>().WithMany().HasForeignKey(d => d.ClaimId);
    }

    public void Configure(EntityTypeBuilder<DigestDay> builder)
    {
        // One digest a day: the database holds the rule, whatever the number of machines.
        builder.HasKey(d => new { d.DigestId, d.Day });
        builder.HasIndex(d => d.OutboxId).IsUnique();
        builder.HasOne<Digest>().WithMany().HasForeignKey(d => d.DigestId);
        builder.HasOne<OutboxMessage>().WithMany().HasForeignKey(d => d.OutboxId);
    }
}
