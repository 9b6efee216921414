namespace Postmaster.Web.Features.Samples;

/// <summary>How much a finding matters. The order is that of the exit codes; see <see cref="SampleSeverities.Worst"/> for which one prevails.</summary>
public enum SampleSeverity
{
    Ok,

    /// <summary>Good to know, or good to have; nothing is wrong.</summary>
    Info,
    Warning,
    Critical,

    /// <summary>It could not be found out: DNS failed, or the sample does not say.</summary>
    Unknown,
}

/// <summary>Octets of the message as it came.</summary>
/// <param name="Label">What they are, in a word or two: <c>DKIM-Signature</c>, <c>outside h=</c>.</param>
public sealed record ByteRange(int Offset, int Length, string Label);

/// <summary>Text to copy that mends what was found.</summary>
/// <param name="Kind"><c>dns-txt</c>, <c>header</c> or <c>text</c>.</param>
/// <param name="Name">The name of the record or of the field; null for plain text.</param>
public sealed record CopyText(string Kind, string? Name, string Value);

/// <summary>One thing that was found out, with its evidence and what to do about it. May hold outside text, without controls.</summary>
public sealed record SampleFinding
{
    /// <summary>Stable, for programs and translations: <c>spf.too_many_lookups</c>.</summary>
    public required string Code { get; init; }

    public required SampleSeverity Severity { get; init; }

    /// <summary>What is, and the next step.</summary>
    public required string Text { get; init; }

    /// <summary>Such as <c>RFC 7208 §4.6.4</c>; null where no RFC speaks of it.</summary>
    public string? Rfc { get; init; }

    public IReadOnlyList<ByteRange> Evidence { get; init; } = [];

    /// <summary>Lines to read on with; two blanks of indentation a level.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    public CopyText? Fix { get; init; }
}
