using System.Buffers;
using System.Globalization;
using System.Text;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Authentication;

/// <summary>
/// Writes the grammar of RFC 8601 §2.2. Values often come from a message (RFC 8601 §7.1 warns of it): controls are dropped, what is not
/// a token or an address is quoted, what is not US-ASCII becomes a question mark.
/// </summary>
internal static class AuthenticationResultsWriter
{
    /// <summary>Attack: an <c>i=</c> of a megabyte. An address has up to 320 characters.</summary>
    private const int MaxValueLength = 320;

    private static readonly SearchValues<char> Keyword = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>RFC 2045 §5.1, without the tspecials.</summary>
    private static readonly SearchValues<char> Token =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`{|}~");

    public static string Write(AuthenticationResults results)
    {
        var text = new StringBuilder(Value(results.AuthservId));
        if (results.Version != 1)
            text.Append(CultureInfo.InvariantCulture, $" {results.Version}");
        var written = 0;
        foreach (var result in results.Results)
        {
            var (method, outcome) = (Word(result.Method), Word(result.Result));
            if (method.Length == 0 || outcome.Length == 0)
                continue;
            text.Append("; ").Append(method);
            if (result.MethodVersion != 1)
                text.Append(CultureInfo.InvariantCulture, $"/{result.MethodVersion}");
            text.Append('=').Append(outcome);
            if (!string.IsNullOrEmpty(result.Reason))
                text.Append(" reason=").Append(Quoted(Plain(result.Reason)));
            foreach (var property in result.Properties)
                WriteProperty(text, property);
            written++;
        }
        return (written == 0 ? text.Append("; none") : text).ToString();
    }

    private static void WriteProperty(StringBuilder text, AuthenticationProperty property)
    {
        var (type, name) = (Word(property.Type), Word(property.Property));
        if (name.Length == 0)
            return;
        text.Append(' ');
        if (type.Length > 0)
            text.Append(type).Append('.');
        text.Append(name).Append('=').Append(Value(property.Value));
    }

    private static string Word(string text) => string.Concat(text.Where(c => Keyword.Contains(c)));

    private static string Value(string text)
    {
        var plain = Plain(text);
        return IsToken(plain) || IsAddress(plain) ? plain : Quoted(plain);
    }

    private static string Plain(string text)
    {
        if (text.Length > MaxValueLength)
            text = text[..MaxValueLength];
        return string.Concat(HeaderWriter.Clean(text).Select(c => char.IsAscii(c) ? c : '?'));
    }

    private static bool IsToken(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExcept(Token);

    private static bool IsAddress(ReadOnlySpan<char> text)
    {
        var at = text.LastIndexOf('@');
        return at >= 0 && (at == 0 || IsToken(text[..at])) && IsToken(text[(at + 1)..]);
    }

    private static string Quoted(string text)
        => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
