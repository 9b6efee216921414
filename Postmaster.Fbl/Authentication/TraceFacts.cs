using System.Net;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Authentication;

/// <summary>How a message came to a mailbox provider, from the trace fields that the provider's own hosts wrote.</summary>
/// <param name="ArrivedAt">When the border took it; else what the topmost Received says; null when there is none.</param>
/// <param name="SourceIp">Who handed it to the border; null when unknown or an address of the inside.</param>
/// <param name="ReturnPath">The envelope sender; empty for the null reverse-path, null when unknown.</param>
/// <param name="BorderHop">The field of the border itself, which took the message from <paramref name="SourceIp"/>; null when that is.</param>
public sealed record TraceFacts(DateTimeOffset? ArrivedAt, IPAddress? SourceIp, string? ReturnPath, ReceivedLine? BorderHop = null)
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
        ReceivedLine? hop = null;
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
                hop = received;
                break;
            }
        }

        return new TraceFacts(arrived, source, returnPath, hop);
    }
}
