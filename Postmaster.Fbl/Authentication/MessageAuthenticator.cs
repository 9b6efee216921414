using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Spf;

namespace Postmaster.Fbl.Authentication;

/// <summary>
/// One call that finds out who vouches for a message: DKIM (<see cref="DkimVerifier"/>), SPF (<see cref="SpfEvaluator"/>) and what
/// the author domain makes of them (<see cref="DmarcEvaluator"/>).
/// Keep one for long: it keeps the keys and records that it has read. Safe for many threads.
/// </summary>
public sealed class MessageAuthenticator(
    IDnsResolver dns, DkimVerifierOptions? dkimOptions = null, SpfEvaluatorOptions? spfOptions = null, DmarcEvaluatorOptions? dmarcOptions = null)
{
    private readonly DkimVerifier _dkim = new(dns, dkimOptions);
    private readonly SpfEvaluator _spf = new(dns, spfOptions);
    private readonly DmarcEvaluator _dmarc = new(dns, dmarcOptions);

    /// <summary>Signatures alone: all that a message says for itself once its way is forgotten.</summary>
    /// <param name="arrivedAt">By when it was there; the time of expiry of its signatures is held against it.</param>
    /// <param name="now">What its signatures must not be younger than.</param>
    public async ValueTask<AuthenticationVerdict> AuthenticateAsync(RawMessage message, DateTimeOffset arrivedAt, DateTimeOffset now, CancellationToken ct)
        => new(await _dkim.VerifyAsync(message, arrivedAt, now, ct));

    /// <summary>Everything.</summary>
    /// <param name="origin">Null when it is not known: SPF is not checked then, and DMARC rests on signatures alone.</param>
    /// <param name="now">When the message arrived.</param>
    public async ValueTask<AuthenticationVerdict> AuthenticateAsync(RawMessage message, MessageOrigin? origin, DateTimeOffset now, CancellationToken ct)
    {
        // Both wait for DNS, so they wait together.
        var spf = origin is null ? null : _spf.CheckReversePathAsync(origin.ClientIp, origin.ReversePath, origin.Helo, ct).AsTask();
        var dkim = _dkim.VerifyAsync(message, now, ct).AsTask();
        await Task.WhenAll(dkim, spf ?? Task.CompletedTask);
        var spfResult = spf is null ? null : await spf;
        var dkimResults = await dkim;
        return new AuthenticationVerdict(dkimResults)
        {
            Spf = spfResult,
            Dmarc = await _dmarc.EvaluateAsync(DmarcAuthors.Of(message.Headers), dkimResults, spfResult, ct),
        };
    }
}
