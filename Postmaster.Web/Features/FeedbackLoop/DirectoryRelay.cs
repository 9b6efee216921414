using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>
/// Writes each mail as an <c>.eml</c> file, exactly as it is, with its envelope beside it as <c>.json</c>. The name comes from the Message-ID,
/// so a repeated mail replaces itself.
/// </summary>
internal sealed class DirectoryRelay(IOptions<RelayOptions> options, DataDirectory data) : IMailRelay
{
    private readonly string _folder = options.Value.Directory is { Length: > 0 } configured ? Path.GetFullPath(configured) : data.Mail;

    public async Task<RelayAnswer> SendAsync(RelayMail mail, CancellationToken ct)
    {
        DataDirectory.CreatePrivate(_folder); // the mails hold links that sign people up
        string name = NameOf(mail.MessageId);
        byte[] envelope = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["envelope_from"] = mail.Sender.ToString(),
            ["envelope_to"] = string.Join(", ", mail.Recipients),
            ["message_id"] = mail.MessageId,
        });
        // The envelope first: who sees the mail finds it.
        await WriteAsync(name + ".json", envelope, ct);
        await WriteAsync(name + ".eml", mail.Content, ct);
        FolderSync.Flush(_folder);
        return new RelayAnswer(SmtpOutcome.Accepted, $"Written to {name}.eml");
    }

    private async Task WriteAsync(string name, byte[] content, CancellationToken ct)
    {
        string temporary = Path.Combine(_folder, $".{name}.{Guid.NewGuid():N}.tmp");
        await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            await file.WriteAsync(content, ct);
            await file.FlushAsync(ct);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path.Combine(_folder, name), overwrite: true);
    }

    /// <summary>Our Message-IDs are file names; whatever else comes is hashed.</summary>
    private static string NameOf(string messageId) => messageId.Length <= 150 && messageId.All(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' or '-') && !messageId.StartsWith('.')
        ? messageId
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(messageId)));
}
