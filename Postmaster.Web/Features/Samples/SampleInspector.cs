using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Spf;
using Postmaster.Web.Features.Samples.Checks;

namespace Postmaster.Web.Features.Samples;

/// <summary>
/// Looks at one mail from every side and says what is right, what is not, and what to do about it. Asks DNS and nobody else. Keep one for
/// long: it keeps the keys and records that it has read. Safe for many threads.
/// </summary>
/// <param name="dns">Should cache: the checks ask for the same names again.</param>
public sealed class SampleInspector(IDnsResolver dns, TimeProvider time)
{
    private readonly DkimVerifier _dkim = new(dns);
    private readonly SpfEvaluator _spf = new(dns, new SpfEvaluatorOptions { Time = time });

    private readonly IReadOnlyList<ISampleCheck> _checks =
    [
        new DkimCheck(),
    ];

    public async Task<SampleReport> InspectAsync(SampleInput input, CancellationToken ct) => (await ExamineAsync(input, ct)).Report;

    /// <summary>The report with the verdicts of the protocols that it rests on.</summary>
    internal async Task<SampleExamination> ExamineAsync(SampleInput input, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        RawMessage message = MessageReader.Read(input.Message);
        DateTimeOffset arrived = input.Envelope?.ReceivedAt ?? now;
        IReadOnlyList<DkimResult> dkim = await _dkim.VerifyAsync(message, arrived, ct);
        SpfResult? spf = await CheckSpfAsync(input.Envelope, ct);
        var evidence = new SampleEvidence(message, input.Envelope, dkim, spf, arrived);

        List<SampleTopic> topics = [];
        foreach (ISampleCheck check in _checks)
        {
            if (await check.CheckAsync(evidence, ct) is { } topic)
                topics.Add(topic);
        }

        return new SampleExamination(evidence, new SampleReport(topics)
        {
            Severity = SampleSeverities.Worst(topics.Select(t => t.Severity)),
            Size = input.Message.Length,
            Subject = message.Headers.First("Subject")?.Decoded ?? "",
            AuthorDomain = evidence.AuthorDomain?.Ascii,
            CheckedAt = now,
        });
    }

    /// <summary>Null unless the envelope tells the client and the sender.</summary>
    private async ValueTask<SpfResult?> CheckSpfAsync(SampleEnvelope? envelope, CancellationToken ct)
    {
        if (envelope is not { Ip: { } ip } || (envelope.MailFrom is null && (!envelope.NullSender || envelope.Helo is null)))
            return null;
        return await _spf.CheckAsync(ip, envelope.MailFrom, envelope.Helo ?? "", ct);
    }
}

/// <summary>A report with what it rests on.</summary>
internal sealed record SampleExamination(SampleEvidence Evidence, SampleReport Report);
