using System.Text;
using System.Text.RegularExpressions;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Support;

/// <summary>A mail that the portal sent or is about to send.</summary>
/// <param name="Text">The body, or the first text part, with LF line ends.</param>
/// <param name="MessageId">Without angle brackets.</param>
/// <param name="Bytes">As the relay got it; empty while it is queued.</param>
internal sealed record PortalMail(string To, string Subject, string Text, string MessageId, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The path and query of the only link of the portal in the text.</summary>
    public string LinkPath => new Uri(Assert.Single(Regex.Matches(Text, @"https?://\S+", RegexOptions.None, TimeSpan.FromSeconds(1))).Value).PathAndQuery;

    public static PortalMail Read(string file) => Read(File.ReadAllBytes(file));

    public static PortalMail Read(byte[] mail)
    {
        RawMessage message = MessageReader.Read(mail);
        MimePart text = message.Root;
        while (text.Parts.Count > 0)
            text = text.Parts[0];
        Assert.True(text.TryDecode(1 << 20, out byte[] content), $"the text of a mail cannot be decoded");
        string to = message.Headers.First("To")?.Decoded.Trim() ?? "";
        return new PortalMail(
            to.Contains('<', StringComparison.Ordinal) ? to[(to.LastIndexOf('<') + 1)..].TrimEnd('>') : to,
            message.Headers.First("Subject")?.Decoded ?? "",
            Encoding.UTF8.GetString(content).ReplaceLineEndings("\n"),
            message.Headers.First("Message-ID")?.Unfolded.Trim('<', '>', ' ') ?? "",
            message.Bytes);
    }
}
