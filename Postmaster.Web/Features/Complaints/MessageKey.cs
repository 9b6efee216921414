using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Complaints;

/// <summary>
/// What makes a message the same message whichever door it comes through: Message-ID, Date, From and Subject as they stand, without folding.
/// Doors and mail programs add trace fields, change line ends and fold anew; they leave these alone.
/// </summary>
internal static class MessageKey
{
    private static readonly string[] Identity = ["Message-ID", "Date", "From", "Subject"];

    /// <summary>32 octets.</summary>
    public static byte[] Of(RawMessage message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Identity)
        {
            foreach (HeaderField field in message.Headers.All(name))
                hash.AppendData(Encoding.UTF8.GetBytes($"{name}:{OneSpace(field.Unfolded)}\n"));
        }

        // RFC 5322 §3.6.4: Message-ID is what names a message; without it two newsletters of one minute could look alike.
        if (message.Headers.First("Message-ID") is null)
            AppendBody(hash, message.Body.Span);
        return hash.GetHashAndReset();
    }

    private static void AppendBody(IncrementalHash hash, ReadOnlySpan<byte> body)
    {
        foreach (Range line in body.TrimEnd("\r\n"u8).Split((byte)'\n'))
        {
            hash.AppendData(body[line].TrimEnd((byte)'\r'));
            hash.AppendData("\n"u8);
        }
    }

    private static string OneSpace(string text) => string.Join(' ', text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
