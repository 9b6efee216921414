using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>A member that a report was sent to, and what became of it.</summary>
internal sealed record SentTo(GroupDelivery Delivery, GroupMember Member);

/// <summary>
/// Which members a bounce of a report is about. A report to all of them has one envelope sender, so its bounce is read by what it says: the recipient that failed
/// and the one that we wrote (RFC 3464 §2.3.1, handed on by RFC 3461 §4.2). A copy of a member's own is known by its envelope sender or its Message-ID, whatever the bounce
/// says. Where a member's address is forwarded and the bounce tells of the place behind it alone, it names nobody.
/// </summary>
/// <param name="Named">Each member once.</param>
/// <param name="IsForeign">It is about another message, or about a member that the report was not sent to.</param>
internal sealed record BouncedMembers(IReadOnlyList<(BouncedRecipient About, SentTo To)> Named, bool IsForeign)
{
    private static readonly BouncedMembers Foreign = new([], IsForeign: true), Nobody = new([], IsForeign: false);

    public static BouncedMembers Of(OutboxMessage mail, string? tag, BouncedMail said, IReadOnlyList<SentTo> sent)
    {
        if (said.Recipients.Count == 0 || sent.Count == 0)
            return Foreign;
        if (tag is not null)
            return sent.FirstOrDefault(s => string.Equals(MemberTag.Of(s.Member, mail), tag, StringComparison.Ordinal)) is { } tagged ? About(tagged) : Foreign;
        if (said.OriginalMessageId is { } original && sent.FirstOrDefault(s => string.Equals(GroupLetters.OwnId(mail, s.Member.Id), original, StringComparison.Ordinal)) is { } copied)
            return About(copied);
        // A message that comes back and is another one says nothing of ours.
        if (said.OriginalMessageId is not null && !string.Equals(said.OriginalMessageId, mail.MessageId, StringComparison.Ordinal))
            return Foreign;
        var named = new List<(BouncedRecipient, SentTo)>();
        foreach (BouncedRecipient about in said.Recipients)
        {
            if (sent.FirstOrDefault(s => about.IsFor(MailAddress.Parse(s.Member.Address))) is { } hit && !named.Exists(n => n.Item2 == hit))
                named.Add((about, hit));
        }

        if (named.Count > 0)
            return new BouncedMembers(named, IsForeign: false);
        // Where the address is forwarded, another one fails; the message is still the one that one member alone got.
        return sent.Count > 1 ? Nobody : said.OriginalMessageId is not null ? About(sent[0]) : Foreign;

        BouncedMembers About(SentTo one) => new([(said.Recipients.FirstOrDefault(r => r.IsFor(MailAddress.Parse(one.Member.Address))) ?? said.Recipients[0], one)], IsForeign: false);
    }
}
