using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>
/// The hop by which a mail came to the provider that kept it, for mails whose envelope nobody tells: the topmost Received field that names a client from
/// outside, below those with which hosts of one network hand a mail on. It is a word of the mail's own.
/// </summary>
internal static class LastHop
{
    /// <summary>Fields that are looked at; a mail goes through a handful of hosts inside.</summary>
    private const int MaxFields = 8;

    public static (HeaderField Field, ReceivedLine Line)? Of(HeaderBlock headers)
    {
        foreach (HeaderField field in headers.All("Received").Take(MaxFields))
        {
            var line = ReceivedLine.Parse(field.Unfolded);
            if (line is { By: not null, From: { } from } && !PublicIp.IsInternal(from))
                return (field, line);
        }

        return null;
    }
}
