using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Lists;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Spf;
using Postmaster.Web.Features.Domains.Inspection;
using Postmaster.Web.Features.Samples.Checks;
using Postmaster.Web.Features.Samples.Scores;

namespace Postmaster.Web.Features.Samples;

/// <summary>
/// Looks at one mail from every side and says what is right, what is not, and what to do about it. Asks DNS, the spam filters that the operator configured, the policy host of the
/// author's domain where <see cref="SampleSurroundings"/> allow it, and nobody else. Keep one for long: it keeps the keys and records that it has read. Safe for many threads.
/// </summary>
/// <param name="dns">Should cache: the checks ask for the same names again.</param>
/// <param name="scorers">Null: none.</param>
/// <param name="surroundings">Null: nothing but DNS is asked, and nothing but the mail and its envelope is known.</param>
public sealed class SampleInspector(IDnsResolver dns, TimeProvider time, SampleScorers? scorers = null, SampleSurroundings? surroundings = null)
{
    private readonly DkimVerifier _dkim = new(dns);
    private readonly SpfEvaluator _spf = new(dns, new SpfEvaluatorOptions { Time = time });
    private readonly DmarcEvaluator _dmarc = new(dns, new DmarcEvaluatorOptions { PublicSuffixOf = surroundings?.PublicSuffixOf });

    /// <summary>Each with the narrowest scope that it belongs to.</summary>
    private readonly IReadOnlyList<(SampleScope Scope, ISampleCheck Check)> _checks =
    [
        (SampleScope.MailAlone, new DkimCheck()),
        (SampleScope.MailAlone, new SpfCheck(dns, (surroundings ?? new SampleSurroundings()).EnvelopeAdvice)),
        (SampleScope.MailAlone, new DmarcCheck()),
        (SampleScope.Everything, new ArcCheck(dns)),
        (SampleScope.Everything, new HostsCheck(dns, (surroundings ?? new SampleSurroundings()).EnvelopeAdvice)),
        (SampleScope.Everything, new TransportCheck(dns, new MtaStsInspector(dns, surroundings?.Https))),
        (SampleScope.MailAlone, new UnsubscribeCheck()),
        (SampleScope.MailAlone, new IdentifiersCheck(surroundings?.PublicSuffixOf)),
        (SampleScope.MailAlone, new FormatCheck()),
        (SampleScope.Everything, new HtmlCheck()),
        (SampleScope.Everything, new RulesCheck()),
        (SampleScope.Everything, new ScoreCheck(scorers?.All ?? [])),
    ];

    public async Task<SampleReport> InspectAsync(SampleInput input, CancellationToken ct) => (await ExamineAsync(input, ct)).Report;

    /// <summary>The report with the verdicts of the protocols that it rests on.</summary>
    internal async Task<SampleExamination> ExamineAsync(SampleInput input, CancellationToken ct, SampleScope scope = SampleScope.Everything)
    {
        DateTimeOffset now = time.GetUtcNow();
        RawMessage message = MessageReader.Read(input.Message);
        DateTimeOffset arrived = input.Envelope?.ReceivedAt ?? MailDate.ClaimedArrival(message.Headers, now);
        IReadOnlyList<DkimResult> dkim = await _dkim.VerifyAsync(message, arrived, now, ct);
        SpfResult? spf = await CheckSpfAsync(input.Envelope, ct);
        DmarcResult dmarc = await _dmarc.EvaluateAsync(DmarcAuthors.Of(message.Headers), dkim, spf, ct);
        var evidence = new SampleEvidence(message, input.Envelope, dkim, spf, dmarc, arrived) { Scope = scope };

        List<SampleTopic> topics = [];
        foreach ((SampleScope narrowest, ISampleCheck check) in _checks)
        {
            bool within = scope == SampleScope.Everything || narrowest == scope;
            if (within && await check.CheckAsync(evidence, ct) is { } topic)
                topics.Add(topic);
        }

        return new SampleExamination(evidence, new SampleReport(topics)
        {
            Severity = SampleSeverities.Worst(topics.Select(t => t.Severity)),
            Size = input.Message.Length,
            Subject = message.Headers.First("Subject")?.Decoded ?? "",
            AuthorDomain = evidence.AuthorDomain?.Ascii,
            OneClickTarget = OneClick.TargetOf(message.Headers, dkim)?.AbsoluteUri,
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
