using System.Text.Json.Serialization;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>The first line of a spool file: what the button's program knows besides the message.</summary>
/// <param name="Id">Names this press for ever (see <see cref="ComplaintId.IsKey"/>): a second hand-over is recognised.</param>
/// <param name="Mailbox">The address of the mailbox.</param>
/// <param name="MailboxSince">When it was opened; null: unknown.</param>
public sealed record SpoolEntry(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("mailbox")] string Mailbox,
    [property: JsonPropertyName("press"), JsonConverter(typeof(JsonStringEnumConverter<Press>))] Press Press,
    [property: JsonPropertyName("pressed_at")] DateTimeOffset PressedAt,
    [property: JsonPropertyName("mailbox_since")] DateTimeOffset? MailboxSince = null)
{
    /// <summary>A press that happens now.</summary>
    public static SpoolEntry Create(string mailbox, Press press, DateTimeOffset pressedAt, DateTimeOffset? mailboxSince = null) =>
        new(Guid.CreateVersion7(pressedAt).ToString("N"), mailbox, press, pressedAt, mailboxSince);
}
