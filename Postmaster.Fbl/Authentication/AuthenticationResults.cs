using System.Diagnostics.CodeAnalysis;

namespace Postmaster.Fbl.Authentication;

/// <summary>
/// What one host found out about the origin of a message, as an Authentication-Results field carries it (RFC 8601), read or to be written.
/// Leaves out: the registries of methods and results; every well-formed one is read, so that later methods pass through.
/// Comments are dropped.
/// </summary>
/// <param name="AuthservId">Who says so, as written; compare without regard to case.</param>
/// <param name="Results">In order; empty for "none": nothing was checked.</param>
public sealed record AuthenticationResults(string AuthservId, IReadOnlyList<AuthenticationResult> Results)
{
    /// <summary>RFC 8601 §2.2: absent means 1, the only version there is.</summary>
    public int Version { get; init; } = 1;

    /// <param name="value">The field's value with line ends taken out, as <see cref="Mime.HeaderField.Unfolded"/> has it.</param>
    /// <param name="problem">
    /// <c>authserv-id-missing</c>, <c>semicolon-missing</c>, <c>method-missing</c>, <c>result-missing</c>, <c>equals-sign-missing</c>,
    /// <c>property-missing</c>, <c>value-missing</c>, <c>unclosed-comment</c>, <c>unclosed-quote</c> or <c>too-many-results</c>.
    /// </param>
    public static bool TryParse(string value, [NotNullWhen(true)] out AuthenticationResults? results, out ParseProblem problem)
        => AuthenticationResultsReader.TryRead(value, out results, out problem);

    /// <summary>The field's value in one line of US-ASCII, ready for <see cref="Text.HeaderWriter.Structured"/>; whatever the parts hold, it stays one value.</summary>
    public string Write() => AuthenticationResultsWriter.Write(this);
}

/// <summary>One method's result (RFC 8601 §2.2, resinfo).</summary>
/// <param name="Method">Lower case: <c>dkim</c>, <c>spf</c>, <c>auth</c>.</param>
/// <param name="Result">Lower case: <c>pass</c>, <c>fail</c>, <c>none</c>.</param>
/// <param name="Reason">Text for people; null when there is none.</param>
public sealed record AuthenticationResult(string Method, string Result, string? Reason, IReadOnlyList<AuthenticationProperty> Properties)
{
    /// <summary>The digits after the method's slash; 1 when absent.</summary>
    public int MethodVersion { get; init; } = 1;

    /// <summary>The first value of a property such as (<c>header</c>, <c>d</c>); null when it is absent.</summary>
    public string? Property(string type, string property)
    {
        foreach (var candidate in Properties)
        {
            if (string.Equals(candidate.Type, type, StringComparison.Ordinal) && string.Equals(candidate.Property, property, StringComparison.Ordinal))
                return candidate.Value;
        }
        return null;
    }
}

/// <summary><c>type.property=value</c> (RFC 8601 §2.2, propspec).</summary>
/// <param name="Type">Lower case; empty for <c>name=value</c> without a type, which some hosts write.</param>
/// <param name="Property">Lower case.</param>
/// <param name="Value">Without quotes. It may come from the message: outside text.</param>
public sealed record AuthenticationProperty(string Type, string Property, string Value);
