using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postmaster.Fbl.Authentication;

/// <summary>
/// Reads the grammar of RFC 8601 §2.2. Kind to what hosts really write (values with <c>/</c>, <c>+</c> or <c>=</c> unquoted, a last semicolon,
/// <c>name=value</c> without a type), strict about the rest: who complained may hang on this field, so one that is unclear is not read at all.
/// </summary>
internal static class AuthenticationResultsReader
{
    /// <summary>Attack: a field of a megabyte. A host that checks everything writes ten results.</summary>
    private const int MaxResults = 128;

    private const int MaxProperties = 64;

    public static bool TryRead(string value, [NotNullWhen(true)] out AuthenticationResults? results, out ParseProblem problem)
    {
        results = null;
        var cursor = new StructuredCursor(value);
        var code = Read(ref cursor, ref results);
        problem = code is null ? default : new ParseProblem(code, cursor.Position);
        if (code is not null)
            results = null;
        return results is not null;
    }

    private static string? Read(ref StructuredCursor cursor, ref AuthenticationResults? results)
    {
        if (!cursor.TrySkipCfws())
            return "unclosed-comment";
        if (!TryReadId(ref cursor, out var id))
            return "authserv-id-missing";
        if (!cursor.TrySkipCfws())
            return "unclosed-comment";
        if (cursor.Current == '=')
            return "authserv-id-missing"; // a method came first
        var version = ReadVersion(ref cursor);
        if (!cursor.TrySkipCfws())
            return "unclosed-comment";

        var list = new List<AuthenticationResult>();
        if (cursor.AtEnd)
            return "semicolon-missing";
        while (!cursor.AtEnd)
        {
            if (!cursor.TryTake(';'))
                return "semicolon-missing";
            if (list.Count == MaxResults)
                return "too-many-results";
            if (ReadResult(ref cursor, list) is { } problem)
                return problem;
        }
        results = new AuthenticationResults(id, list) { Version = version };
        return null;
    }

    private static bool TryReadId(ref StructuredCursor cursor, out string id)
    {
        if (cursor.Current == '"')
            return cursor.TryTakeValue(out id) && id.Length > 0;
        id = cursor.TakeWord("=").ToString();
        return id.Length > 0;
    }

    /// <summary>One result with the white space after it; nothing for "none" and for an empty place.</summary>
    private static string? ReadResult(ref StructuredCursor cursor, List<AuthenticationResult> list)
    {
        if (!cursor.TrySkipCfws())
            return "unclosed-comment";
        if (cursor.AtEnd || cursor.Current == ';')
            return null;
        var method = cursor.TakeWord("=/").ToString().ToLowerInvariant();
        if (!IsKeyword(method))
            return "method-missing";
        if (!cursor.TrySkipCfws())
            return "unclosed-comment";
        if (method is "none" && (cursor.AtEnd || cursor.Current == ';'))
            return null; // RFC 8601 §2.2, no-result
        var version = 1;
        if (cursor.TryTake('/'))
        {
            if (!cursor.TrySkipCfws())
                return "unclosed-comment";
            version = ReadVersion(ref cursor);
        }
        if (TakeEquals(ref cursor) is { } problem)
            return problem;
        var result = cursor.TakeWord("=").ToString().ToLowerInvariant();
        if (!IsKeyword(result))
            return "result-missing";

        string? reason = null;
        var properties = new List<AuthenticationProperty>();
        while (true)
        {
            if (!cursor.TrySkipCfws())
                return "unclosed-comment";
            if (cursor.AtEnd || cursor.Current == ';')
                break;
            if (properties.Count == MaxProperties)
                return "too-many-results";
            if (ReadProperty(ref cursor, properties, ref reason) is { } propertyProblem)
                return propertyProblem;
        }
        list.Add(new AuthenticationResult(method, result, reason, properties) { MethodVersion = version });
        return null;
    }

    private static string? ReadProperty(ref StructuredCursor cursor, List<AuthenticationProperty> properties, ref string? reason)
    {
        var type = cursor.TakeWord("=.").ToString().ToLowerInvariant();
        if (!cursor.TrySkipCfws())
            return "unclosed-comment";
        var property = "";
        if (cursor.TryTake('.'))
        {
            if (!cursor.TrySkipCfws())
                return "unclosed-comment";
            property = cursor.TakeWord("=").ToString().ToLowerInvariant();
        }
        else
        {
            (type, property) = ("", type);
        }
        if (property.Length == 0)
            return "property-missing";
        if (TakeEquals(ref cursor) is { } problem)
            return problem;
        if (!cursor.TryTakeValue(out var value))
            return cursor.AtEnd ? "unclosed-quote" : "value-missing";
        if (type.Length == 0 && property is "reason")
            reason ??= value;
        else
            properties.Add(new AuthenticationProperty(type, property, value));
        return null;
    }

    private static string? TakeEquals(ref StructuredCursor cursor)
    {
        if (!cursor.TrySkipCfws())
            return "unclosed-comment";
        if (!cursor.TryTake('='))
            return "equals-sign-missing";
        return cursor.TrySkipCfws() ? null : "unclosed-comment";
    }

    private static int ReadVersion(ref StructuredCursor cursor)
    {
        if (!char.IsAsciiDigit(cursor.Current))
            return 1;
        var digits = cursor.TakeWord("=");
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0; // no version that we know
    }

    private static bool IsKeyword(string word)
        => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
