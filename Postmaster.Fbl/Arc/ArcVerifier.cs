using System.Globalization;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Arc;

/// <summary>
/// Authenticated Received Chain, RFC 8617: the validator. Reuses keys, canonicalization and signature syntax of <see cref="Dkim"/>.
/// What it finds is information, never evidence: it tells through whose hands a mail says that it went.
/// Leaves out: sealing, several algorithms in one set, and <c>x=</c>, which RFC 8617 does not define.
/// </summary>
/// <remarks>Keep one for long: it keeps the keys that it has read. Safe for many threads.</remarks>
public sealed class ArcVerifier(IDnsResolver dns, DkimVerifierOptions? options = null)
{
    private readonly DkimVerifierOptions _options = options ?? new DkimVerifierOptions();
    private readonly DkimKeyLookup _keys = new(dns, options ?? new DkimVerifierOptions());

    /// <summary>At most two keys are asked for by each set, of which there are at most 50 (RFC 8617 §9.2).</summary>
    public async ValueTask<ArcResult> VerifyAsync(RawMessage message, CancellationToken ct)
    {
        var structure = ArcChainReader.Read(message.Headers, _options, out var sets, out var instance);
        if (sets.Count == 0)
            return structure == ArcProblem.None ? NoChain : Fail(structure, instance);

        var keys = await _keys.FindAsync(Signatures(sets), ct);
        using var verification = new ArcVerification(message, sets, keys);
        var results = new ArcSetResult[sets.Count];
        for (var i = sets.Count - 1; i >= 0; i--)
        {
            ct.ThrowIfCancellationRequested();
            results[i] = verification.Judge(sets[i]);
        }
        return Conclude(structure, instance, results);
    }

    private static readonly ArcResult NoChain = new() { Status = ArcStatus.None, Problem = ArcProblem.None, Reason = "no chain" };

    private static IEnumerable<DkimSignature> Signatures(IReadOnlyList<ArcSet> sets)
    {
        foreach (var set in sets)
        {
            yield return set.MessageSignature;
            yield return set.Seal;
        }
    }

    private static ArcResult Conclude(ArcProblem structure, int instance, ArcSetResult[] sets)
    {
        var failed = Array.FindLastIndex(sets, set => set.MessageSignature != ArcProblem.None);
        int? oldest = failed == sets.Length - 1 ? null : failed < 0 ? 0 : sets[failed + 1].Instance; // §5.2 (5)
        if (structure != ArcProblem.None)
            return Fail(structure, instance) with { Sets = sets, OldestPass = oldest };
        if (sets[^1].MessageSignature is var newest and not ArcProblem.None)
            return Fail(newest, sets.Length) with { Sets = sets }; // §5.2 (4)
        var broken = Array.FindLastIndex(sets, set => set.Seal != ArcProblem.None);
        if (broken >= 0)
            return Fail(sets[broken].Seal, sets[broken].Instance) with { Sets = sets, OldestPass = oldest }; // §5.2 (6)
        return new ArcResult
        {
            Status = ArcStatus.Pass,
            Problem = ArcProblem.None,
            Reason = string.Create(CultureInfo.InvariantCulture, $"chain of {sets.Length} verified"),
            OldestPass = oldest,
            Sets = sets,
        };
    }

    private static ArcResult Fail(ArcProblem problem, int instance) => new()
    {
        Status = ArcStatus.Fail,
        Problem = problem,
        Reason = instance is < 1 or > ArcChainReader.MaxInstance
            ? ArcProblemText.Of(problem)
            : string.Create(CultureInfo.InvariantCulture, $"{ArcProblemText.Of(problem)} (i={instance})"),
    };
}
