using System.Runtime.InteropServices;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>One offending message in a mail to the complaint address.</summary>
/// <param name="Octets">What is to be kept of the mail for it.</param>
/// <param name="Message">Where the message stands in <paramref name="Octets"/>; null: there is none that can be read.</param>
/// <param name="Problem">Words for the operator when there is none.</param>
internal sealed record AttachedMessage(Press Press, ReadOnlyMemory<byte> Octets, Range? Message, string? Problem);

/// <summary>
/// Finds the offending messages in a mail to <c>spam@</c>: attached as message/rfc822, or as the third part of a feedback report (RFC 5965).
/// </summary>
internal static class ComplaintMail
{
    /// <param name="press">What the address stands for; a report's Feedback-Type knows better.</param>
    /// <param name="most">Attached messages that are taken; stops a mail that is a thousand complaints.</param>
    /// <returns>At least one.</returns>
    public static IReadOnlyList<AttachedMessage> Read(RawMessage message, Press press, int most)
    {
        ReadOnlyMemory<byte> mail = message.Bytes;
        ContentType type = message.Root.ContentType;
        if (type.Is("multipart", "report") && !string.Equals(type.Parameter("report-type"), "feedback-report", StringComparison.OrdinalIgnoreCase))
            return [Unreadable(mail, press, "a delivery report or another kind of report, not a complaint")];
        if (FeedbackReportReader.TryRead(message, out FeedbackReport? report, out _) && report.HasReportPart)
            return [FromReport(mail, press, report)];

        List<MimePart> attached = [.. Attached(message.Root).Take(most)];
        return attached switch
        {
            [] => [Unreadable(mail, press, "no message is attached; the complaint has to carry the message as an attachment of type message/rfc822")],
            [var one] => [Whole(mail, press, one.EmbeddedMessage!)],
            // Each is kept on its own, or many attachments would be kept many times.
            _ => [.. attached.Select(part => Alone(press, part.EmbeddedMessage!))],
        };
    }

    private static AttachedMessage FromReport(ReadOnlyMemory<byte> mail, Press press, FeedbackReport report)
    {
        // RFC 6430: not-spam takes back; every other type, known or not, is a complaint.
        Press said = report.FeedbackType is not { } type ? press : PressWords.TryParse(type, out Press known) ? known : Press.Spam;
        if (report.Original is null)
            return Unreadable(mail, said, "a feedback report without the message");
        return report.OriginalIsHeadersOnly
            ? Unreadable(mail, said, "a feedback report with only the header of the message: its signature cannot be verified")
            : Whole(mail, said, report.Original);
    }

    /// <summary>The whole mail is kept, and where the message stands in it; an encoded message is kept decoded.</summary>
    private static AttachedMessage Whole(ReadOnlyMemory<byte> mail, Press press, RawMessage message)
    {
        if (message.Bytes.IsEmpty)
            return Unreadable(mail, press, "the attached message is empty");
        return MemoryMarshal.TryGetArray(mail, out ArraySegment<byte> whole) && MemoryMarshal.TryGetArray(message.Bytes, out ArraySegment<byte> inner)
            && ReferenceEquals(whole.Array, inner.Array)
            ? new AttachedMessage(press, mail, new Range(inner.Offset - whole.Offset, inner.Offset - whole.Offset + inner.Count), Problem: null)
            : Alone(press, message);
    }

    private static AttachedMessage Alone(Press press, RawMessage message) => message.Bytes.IsEmpty
        ? Unreadable(message.Bytes, press, "the attached message is empty")
        : new AttachedMessage(press, message.Bytes, Range.All, Problem: null);

    private static AttachedMessage Unreadable(ReadOnlyMemory<byte> mail, Press press, string problem) => new(press, mail, Message: null, problem);

    /// <summary>Attached messages from top to bottom; what is attached to them is theirs.</summary>
    private static IEnumerable<MimePart> Attached(MimePart root)
    {
        var waiting = new Stack<MimePart>();
        waiting.Push(root);
        while (waiting.TryPop(out MimePart? part))
        {
            if (part.ContentType.IsMessage)
            {
                yield return part;
                continue;
            }

            for (int i = part.Parts.Count - 1; i >= 0; i--)
                waiting.Push(part.Parts[i]);
        }
    }
}
