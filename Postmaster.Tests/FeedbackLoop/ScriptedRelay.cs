using System.Collections.Concurrent;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Features.FeedbackLoop;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>A relay that answers what the test wrote down, then accepts; keeps what it was given.</summary>
internal sealed class ScriptedRelay : IMailRelay
{
    private readonly ConcurrentQueue<RelayAnswer> _answers = new();
    private readonly ConcurrentQueue<RelayMail> _mails = new();

    public IReadOnlyCollection<RelayMail> Mails => _mails;

    /// <summary>When set, every mail waits here after it was taken, as when a relay's reply does not come.</summary>
    public TaskCompletionSource? Hold { get; set; }

    public ScriptedRelay Answer(SmtpOutcome outcome, string answer)
    {
        _answers.Enqueue(new RelayAnswer(outcome, answer));
        return this;
    }

    public async Task<RelayAnswer> SendAsync(RelayMail mail, CancellationToken ct)
    {
        _mails.Enqueue(mail);
        if (Hold is { } hold)
            await hold.Task.WaitAsync(ct);
        return _answers.TryDequeue(out RelayAnswer? answer) ? answer : new RelayAnswer(SmtpOutcome.Accepted, "250 2.0.0 Ok");
    }
}
