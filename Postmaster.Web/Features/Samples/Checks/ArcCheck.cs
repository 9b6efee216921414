using Postmaster.Fbl.Arc;
using Postmaster.Fbl.Dns;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>Through whose hands the mail says that it went. Information only: anybody can seal.</summary>
internal sealed class ArcCheck(IDnsResolver dns) : ISampleCheck
{
    private static readonly string[] Fields = ["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"];

    private readonly ArcVerifier _verifier = new(dns);

    public async ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        ArcResult result = await _verifier.VerifyAsync(evidence.Message, ct);
        if (result.Status == ArcStatus.None)
            return null;
        var topic = new SampleTopicWriter(SampleTopics.Arc, "ARC");
        string verdict = result.Status == ArcStatus.Pass
            ? $"The chain of {result.Sets.Count} {(result.Sets.Count == 1 ? "set" : "sets")} verifies"
            : $"The chain does not verify: {result.Reason}";
        topic.Add(SampleSeverity.Info, result.Status == ArcStatus.Pass ? "pass" : "fail", $"{verdict}. It is shown and counts for nothing.", "RFC 8617 §5.2", Fields.SelectMany(evidence.RangesOf), result.Sets.SelectMany(Describe));
        return topic.ToTopic();
    }

    private static IEnumerable<string> Describe(ArcSetResult set)
    {
        yield return $"i={set.Instance}, sealed by {set.Sealer?.Ascii ?? "an unreadable domain"} ({set.Selector}): seal {ArcProblemText.Of(set.Seal)}, message signature {ArcProblemText.Of(set.MessageSignature)}";
        yield return $"  claims: {set.Claim}";
    }
}
