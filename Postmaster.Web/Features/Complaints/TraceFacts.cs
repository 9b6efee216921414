using System.Net;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Complaints;

/// <summary>How a message came to the provider, from the fields that the provider's own hosts wrote.</summary>
/// <param name="ArrivedAt">When the border took it; else what the topmost Received says; null when there is none.</param>
/// <param name="SourceIp">Who handed it to the border; null when unknown or an address of the inside.</param>
/// <param name="ReturnPath">The envelope sender; empty for the null reverse-path, null when unknown.</param>
internal sealed record TraceFacts(DateTimeOffset? ArrivedAt, IPAddress? SourceIp, string? ReturnPath)
{
    /// <summary>
    /// Reads the run of Received fields on top whose <c>by</c> host is ours (RFC 5321 §4.4), down to the first that took the message from outside:
    /// that is the border's, and what stands below it is the sender's own words, even under our name.
    /// </summary>
    /// <param name="isOurs">Whether a host name is one of ours.</param>
    public static TraceFacts Read(HeaderBlock headers, Func<string, bool> isOurs)
    {
        DateTimeOffset? arrived = null;
        IPAddress? source = null;
        string? returnPath = null;
        foreach (HeaderField field in headers)
        {
            // RFC 5321 §4.4: the final delivery puts one Return-Path on top; one below a foreign Received is someone else's.
            if (field.Is("Return-Path") && returnPath is null)
            {
                returnPath = field.Unfolded.Trim().TrimStart('<').TrimEnd('>');
                continue;
            }

            if (!field.Is("Received"))
                continue;
            var received = ReceivedLine.Parse(field.Unfolded);
            if (received.By is null || !isOurs(received.By))
            {
                // Whatever host it was, the topmost hop ended in the mailbox.
                arrived ??= received.Date;
                break;
            }

            arrived = received.Date ?? arrived;
            if (received.From is { } from && !PublicIp.IsInternal(from))
            {
                source = from;
                break;
            }
        }

        return new TraceFacts(arrived, source, returnPath);
    }
}

/// <summary>What is read of one Received field.</summary>
internal sealed record ReceivedLine(string? By, IPAddress? From, DateTimeOffset? Date)
{
    /// <summary>Octets of a field that are looked at; a longer one is made to be looked at.</summary>
    private const int MaxLength = 8192;

    public static ReceivedLine Parse(string value)
    {
        if (value.Length > MaxLength)
            return new ReceivedLine(null, null, null);
        int semicolon = value.LastIndexOf(';');
        DateTimeOffset? date = semicolon >= 0 && MailDate.TryParse(value.AsSpan(semicolon + 1), out DateTimeOffset at) ? at.ToUniversalTime() : null;
        string path = semicolon >= 0 ? value[..semicolon] : value;
        int by = WordOutsideComments(path, "by");
        if (by < 0)
            return new ReceivedLine(null, null, date);
        string host = path[(by + 2)..].TrimStart();
        int end = host.AsSpan().IndexOfAny(" \t(;");
        host = end < 0 ? host : host[..end];
        return new ReceivedLine(host.Length == 0 ? null : host.TrimEnd('.'), Address(path[..by]), date);
    }

    /// <summary>The last bracketed address: hosts write the name that the client gave first, which may look like one, too.</summary>
    private static IPAddress? Address(string from)
    {
        for (int close = from.LastIndexOf(']'); close > 0; close = from.LastIndexOf(']', close - 1))
        {
            int open = from.LastIndexOf('[', close);
            if (open < 0)
                return null;
            string text = from[(open + 1)..close];
            if (text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase))
                text = text[5..];
            if (StrictIpAddress.TryParse(text, out IPAddress? address))
                return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }

        return null;
    }

    private static int WordOutsideComments(string text, string word)
    {
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '(')
                depth++;
            else if (text[i] == ')' && depth > 0)
                depth--;
            else if (depth == 0 && (i == 0 || text[i - 1] is ' ' or '\t' or ')') && text.AsSpan(i).StartsWith(word, StringComparison.OrdinalIgnoreCase)
                && i + word.Length < text.Length && text[i + word.Length] is ' ' or '\t')
                return i;
        }

        return -1;
    }
}
