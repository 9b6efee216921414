using System.Globalization;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// DomainKeys Identified Mail: verifies (here) and makes (<see cref="DkimSigner"/>) signatures. RFC 6376, with the rules of RFC 8301
/// on algorithms and key sizes and the Ed25519 of RFC 8463.
/// Every signature is judged by itself, from the octets as received; bare LF is hashed as CRLF, and the result says so.
/// A verdict always carries a reason.
/// Leaves out: rsa-sha1 (forbidden by RFC 8301), reports to the signer (<c>r=</c>, RFC 6651), <c>z=</c>, and author signing practices.
/// </summary>
public sealed class DkimVerifier
{
    internal const string FieldName = "DKIM-Signature";

    private readonly DkimVerifierOptions _options;
    private readonly DkimKeyLookup _keys;

    /// <summary>Keep one verifier for long: it keeps the keys that it has read. Safe for many threads.</summary>
    public DkimVerifier(IDnsResolver dns, DkimVerifierOptions? options = null)
    {
        _options = options ?? new DkimVerifierOptions();
        _keys = new DkimKeyLookup(dns, _options);
    }

    /// <summary>
    /// The verdicts in the order of the fields from the top; empty when the message has no signature. Signatures beyond
    /// <see cref="DkimVerifierOptions.MaxSignatures"/> share one neutral verdict at the end.
    /// </summary>
    /// <param name="now">The message arrives now: <c>t=</c> and <c>x=</c> are judged by it.</param>
    public ValueTask<IReadOnlyList<DkimResult>> VerifyAsync(RawMessage message, DateTimeOffset now, CancellationToken ct)
        => VerifyAsync(message, now, now, ct);

    /// <inheritdoc cref="VerifyAsync(RawMessage, DateTimeOffset, CancellationToken)"/>
    /// <param name="arrivedAt">When the message arrived: <c>x=</c> is judged by it (RFC 6376 §3.5).</param>
    /// <param name="now">What <c>t=</c> must not be after; who told of the arrival may have a clock that goes wrong.</param>
    public async ValueTask<IReadOnlyList<DkimResult>> VerifyAsync(RawMessage message, DateTimeOffset arrivedAt, DateTimeOffset now, CancellationToken ct)
    {
        var signatures = new List<DkimSignature>();
        var positions = new List<int>();
        var beyond = 0;
        for (var i = 0; i < message.Headers.FieldCount; i++)
        {
            var field = message.Headers[i];
            if (!field.Is(FieldName))
                continue;
            if (signatures.Count == _options.MaxSignatures)
            {
                beyond++;
                continue;
            }
            signatures.Add(DkimSignatureParser.Read(field.Raw, signatures.Count, _options));
            positions.Add(i);
        }
        if (signatures.Count == 0)
            return [];

        var keys = await _keys.FindAsync(signatures, ct);
        var results = new List<DkimResult>(signatures.Count + 1);
        using var verification = new DkimVerification(message, arrivedAt, now, _options);
        for (var i = 0; i < signatures.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            results.Add(signatures[i].Problem == DkimProblem.None
                ? verification.Judge(signatures[i], positions[i], keys[signatures[i].KeyName!])
                : DkimVerdict.Of(signatures[i], signatures[i].Problem));
        }
        if (beyond > 0)
            results.Add(Beyond(signatures.Count, beyond));
        return results;
    }

    private static DkimResult Beyond(int index, int count) => new()
    {
        Status = DkimVerdict.StatusOf(DkimProblem.TooManySignatures),
        Problem = DkimProblem.TooManySignatures,
        Reason = string.Create(CultureInfo.InvariantCulture, $"{DkimProblemText.Of(DkimProblem.TooManySignatures)}: {count} not judged"),
        Index = index,
    };
}
