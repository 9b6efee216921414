using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Xarf;

/// <summary>A mail that carries one XARF report.</summary>
public sealed record XarfMailDraft
{
    public required MailAddress From { get; init; }

    /// <summary>Display name of <see cref="From"/>; null for none.</summary>
    public string? FromName { get; init; }

    public required MailAddress To { get; init; }

    public required DateTimeOffset Date { get; init; }

    /// <summary>With angle brackets. Names the mail for good: a retry takes the same.</summary>
    public required string MessageId { get; init; }

    public required string Subject { get; init; }

    /// <summary>For people: lines ended by LF, any characters.</summary>
    public required string Text { get; init; }

    /// <summary>From <see cref="XarfWriter"/>.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Fields for the header, such as Auto-Submitted; written as <c>HeaderWriter.Structured</c> does.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ExtraFields { get; init; } = [];
}
