using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>
/// Rules of good sending that no RFC holds. What can be measured is a finding; what cannot is a question for the sender, never a guess: a code that
/// begins with <c>rules.ask_</c>.
/// </summary>
internal sealed class RulesCheck : ISampleCheck
{
    /// <summary>Codes of questions begin so.</summary>
    public const string Question = "rules.ask_";

    /// <summary>Subjects that say nothing, so that people open them to find out.</summary>
    private static readonly string[] Empty =
    [
        "you have a letter", "you have a message", "you have a new message", "you've got mail", "new message", "important message", "important information", "open me", "hello", "hi",
        "sie haben post", "neue nachricht", "vous avez un message", "nouveau message", "вам письмо", "вам сообщение", "новое сообщение",
    ];

    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Rules, "Rules of sending");
        CheckSubject(topic, evidence);
        CheckReplies(topic, evidence);
        bool list = evidence.Headers.First("List-Unsubscribe") is not null || evidence.Headers.First("List-Id") is not null;
        if (list)
        {
            Ask("unsubscribe_steps", "Does the link to unsubscribe work in one or two steps, without signing in?");
            Ask("consent", "Does the mail say how its reader came onto the list: where and when?");
        }

        Ask("kind", "Can the reader see at once what the mail is: who writes or invites, whom, and to what?");
        Ask("confirmation", "If the mail confirms an address or an order: is it free of advertising?");
        Ask("new_domain", "If your domain is new, after a merger or a change of name: does the mail say who you were before?");
        int asked = list ? 5 : 3;
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic($"{asked} questions that only you can answer"));

        void Ask(string name, string question) => topic.Add(SampleSeverity.Info, "ask_" + name, question);
    }

    private static void CheckSubject(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Headers.First("Subject") is not { } field)
            return;
        string subject = field.Decoded.Trim();
        ByteRange[] range = [SampleEvidence.RangeOf(field)];
        if (Empty.Contains(subject.TrimEnd('!', '.', '?', ' '), StringComparer.OrdinalIgnoreCase))
            topic.Add(SampleSeverity.Warning, "subject_says_nothing", $"The subject \"{subject}\" does not say what the mail is. Name who writes and what about.", evidence: range);
        else if (evidence.Headers.First("In-Reply-To") is null && evidence.Headers.First("References") is null && IsAnswerLike(subject) && evidence.Headers.First("List-Unsubscribe") is not null)
            topic.Add(SampleSeverity.Warning, "false_reply", "The subject begins like an answer, but the mail answers nothing. Drop the Re: or Fwd:.", "RFC 5322 §3.6.5", range);
    }

    private static bool IsAnswerLike(string subject) =>
        subject.StartsWith("Re:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("Fwd:", StringComparison.OrdinalIgnoreCase) || subject.StartsWith("Fw:", StringComparison.OrdinalIgnoreCase);

    private static void CheckReplies(SampleTopicWriter topic, SampleEvidence evidence)
    {
        string name = evidence.Headers.First("Reply-To") is null ? "From" : "Reply-To";
        if (AddressListReader.Read(evidence.Headers, name) is not [{ } first, ..])
            return;
        string local = first.AddrSpec.Split('@')[0].Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
        if (local.Equals("noreply", StringComparison.OrdinalIgnoreCase) || local.Equals("donotreply", StringComparison.OrdinalIgnoreCase))
            topic.Add(SampleSeverity.Info, "no_reply", "Answers go to an address that says not to answer. Let people write to somebody who reads it; those who cannot press \"this is spam\" instead.", evidence: evidence.RangesOf(name));
    }
}
