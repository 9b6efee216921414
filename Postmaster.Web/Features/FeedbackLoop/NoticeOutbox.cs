using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>A mail of the portal itself.</summary>
/// <param name="Subject">One line, any Unicode.</param>
/// <param name="Text">Plain text with LF line ends; lines are folded when it is written.</param>
/// <param name="LeaveUrl">Where one click ends what the mail is about (RFC 8058); null: it is about nothing that goes on.</param>
public sealed record NoticeContent(string Subject, string Text, string? LeaveUrl = null);

/// <summary>Puts the portal's own mails into the outbox, with the caller's other changes in one commit.</summary>
public sealed class NoticeOutbox(Sealer sealer, IOptions<ProviderOptions> provider, TimeProvider time)
{
    /// <summary>The caller saves <paramref name="db"/> and then wakes <see cref="Hosting.OutboxSignal"/>.</summary>
    /// <param name="to">A mail address that was parsed before.</param>
    public OutboxMessage Add(PostmasterDb db, string to, NoticeContent content)
    {
        DateTimeOffset now = time.GetUtcNow();
        Guid id = Guid.CreateVersion7(now);
        var message = new OutboxMessage
        {
            Id = id,
            Kind = OutboxKind.Notice,
            To = to,
            SealedContent = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(content)),
            MessageId = $"{id:N}@{provider.Value.Domain}",
            BounceToken = NewBounceToken(),
            CreatedAt = now,
            DueAt = now,
        };
        db.Outbox.Add(message);
        return message;
    }

    /// <summary>80 random bits, lower-case hex: safe in a local-part that gets folded.</summary>
    internal static string NewBounceToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
}
