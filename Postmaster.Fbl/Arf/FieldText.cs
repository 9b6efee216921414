using System.Net;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Arf;

/// <summary>Reads the values of single report fields, forgiving as the reader is.</summary>
internal static class FieldText
{
    /// <summary>Takes out comments (RFC 5322 §3.2.2) outside of quotes, and white space at the ends.</summary>
    public static string WithoutComments(string value)
    {
        if (!value.Contains('(', StringComparison.Ordinal))
            return value.Trim();
        var result = new StringBuilder(value.Length);
        var depth = 0;
        var quoted = false;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '"' && depth == 0)
                quoted = !quoted;
            if (c == '\\' && i + 1 < value.Length)
            {
                if (depth == 0)
                    result.Append(c).Append(value[i + 1]);
                i++;
                continue;
            }
            if (!quoted && c == '(')
                depth++;
            if (depth == 0)
                result.Append(c);
            if (!quoted && c == ')' && depth > 0)
                depth--;
        }
        return result.ToString().Trim();
    }

    /// <summary>Spaces and tabs taken out wherever they are.</summary>
    public static string WithoutWhite(string value) => value.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);

    /// <summary>What stands before white space.</summary>
    public static string FirstWord(string value)
    {
        var clean = WithoutComments(value);
        var end = clean.AsSpan().IndexOfAny(' ', '\t', ';');
        return end < 0 ? clean : clean[..end];
    }

    /// <summary>A path without angle brackets and "rfc822;"; quotes keep their comments.</summary>
    public static string Path(string value)
    {
        var clean = WithoutComments(value);
        if (clean.StartsWith("rfc822;", StringComparison.OrdinalIgnoreCase))
            clean = clean["rfc822;".Length..].Trim();
        var open = clean.IndexOf('<', StringComparison.Ordinal);
        var close = clean.LastIndexOf('>');
        return open >= 0 && close > open ? clean[(open + 1)..close].Trim() : clean;
    }

    /// <summary>What follows the type in "dns; mx.example.org".</summary>
    public static string AfterType(string value)
    {
        var clean = WithoutComments(value);
        return clean[(clean.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim();
    }

    /// <summary>Bare, as an address literal (RFC 5321 §4.1.3) with or without brackets, and with words behind it.</summary>
    public static IPAddress? Ip(string value)
    {
        var text = FirstWord(value).Trim('[', ']');
        if (text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
            text = text["IPv6:".Length..];
        if (!StrictIpAddress.TryParse(text, out var address))
            return null;
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }
}
