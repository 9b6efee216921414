using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Authentication;

/// <summary>
/// One call that finds out who vouches for a message. So far that is DKIM (<see cref="DkimVerifier"/>).
/// Keep one for long: it keeps the keys that it has read. Safe for many threads.
/// </summary>
public sealed class MessageAuthenticator(IDnsResolver dns, DkimVerifierOptions? dkimOptions = null)
{
    private readonly DkimVerifier _dkim = new(dns, dkimOptions);

    /// <param name="now">When the message arrived.</param>
    public async ValueTask<AuthenticationVerdict> AuthenticateAsync(RawMessage message, DateTimeOffset now, CancellationToken ct)
        => new(await _dkim.VerifyAsync(message, now, ct));
}
