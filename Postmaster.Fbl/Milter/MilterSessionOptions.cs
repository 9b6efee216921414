using Postmaster.Fbl.Smtp;

namespace Postmaster.Fbl.Milter;

/// <summary>Limits of one milter session.</summary>
public sealed record MilterSessionOptions
{
    /// <summary>Octets of one message that are kept; of a larger one only the envelope is.</summary>
    public int MaxMessageBytes { get; init; } = 30 * 1024 * 1024;

    /// <summary>Recipients of one transaction that are kept; a client may name thousands that do not exist.</summary>
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>For each wait for the MTA, which is silent for as long as its SMTP client is. The documentation of libmilter names 7210 seconds.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(7210);

    /// <summary>Shared by all sessions; null means that only <see cref="MaxMessageBytes"/> bounds each of them.</summary>
    public SmtpMemoryBudget? MemoryBudget { get; init; }
}
