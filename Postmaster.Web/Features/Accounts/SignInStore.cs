using Microsoft.AspNetCore.Identity;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

public enum SignInOutcome
{
    SignedIn,

    /// <summary>The password is right; the second factor is asked for next.</summary>
    NeedsCode,

    /// <summary>No such account, wrong password or code, or locked: the visitor is not told which.</summary>
    Refused,
}

/// <summary>Signing in, by password and then by the second factor. Failures count towards the lock; its owner is told once by mail.</summary>
internal sealed partial class SignInStore(
    SignInManager<PortalUser> signIn, UserManager<PortalUser> users, IPasswordHasher<PortalUser> hasher,
    PostmasterDb db, NoticeOutbox outbox, OutboxSignal signal, AccountNotices notices, ILogger<SignInStore> log)
{
    // Hashed for addresses without an account, so that they take as long as the others.
    private static readonly PortalUser _nobody = new();
    private static string? _nobodysHash;

    public async Task<SignInOutcome> SignInAsync(string email, string password, RequestOrigin origin, CancellationToken ct)
    {
        PortalUser? user = await users.FindByEmailAsync(email);
        if (user?.PasswordHash is null)
        {
            _nobodysHash ??= hasher.HashPassword(_nobody, Guid.NewGuid().ToString());
            hasher.VerifyHashedPassword(_nobody, _nobodysHash, password);
            return SignInOutcome.Refused;
        }

        bool wasLocked = await users.IsLockedOutAsync(user);
        SignInResult result = await signIn.PasswordSignInAsync(user, password, isPersistent: false, lockoutOnFailure: true);
        if (result.IsLockedOut && !wasLocked)
            await TellOfLockAsync(user, origin, ct);
        return result switch
        {
            { Succeeded: true } => SignInOutcome.SignedIn,
            { RequiresTwoFactor: true } => SignInOutcome.NeedsCode,
            _ => SignInOutcome.Refused,
        };
    }

    /// <summary>Whether a password was given a short while ago and the code is still missing.</summary>
    public async Task<bool> AwaitsCodeAsync() => await signIn.GetTwoFactorAuthenticationUserAsync() is not null;

    /// <param name="code">As typed: spaces and hyphens are passed over.</param>
    public async Task<SignInOutcome> EnterCodeAsync(string code, RequestOrigin origin, CancellationToken ct)
    {
        PortalUser? user = await signIn.GetTwoFactorAuthenticationUserAsync();
        if (user is null)
            return SignInOutcome.Refused;
        bool wasLocked = await users.IsLockedOutAsync(user);
        SignInResult result = await signIn.TwoFactorAuthenticatorSignInAsync(Bare(code), isPersistent: false, rememberClient: false);
        if (result.IsLockedOut && !wasLocked)
            await TellOfLockAsync(user, origin, ct);
        return result.Succeeded ? SignInOutcome.SignedIn : SignInOutcome.Refused;
    }

    /// <summary>One of the recovery codes instead of the app; each works once.</summary>
    public async Task<SignInOutcome> EnterRecoveryCodeAsync(string code, RequestOrigin origin, CancellationToken ct)
    {
        PortalUser? user = await signIn.GetTwoFactorAuthenticationUserAsync();
        if (user is null || await users.IsLockedOutAsync(user))
            return SignInOutcome.Refused;
        SignInResult result = await signIn.TwoFactorRecoveryCodeSignInAsync(code.Trim().ToUpperInvariant());
        if (result.Succeeded)
            return SignInOutcome.SignedIn;
        await users.AccessFailedAsync(user);
        if (await users.IsLockedOutAsync(user))
            await TellOfLockAsync(user, origin, ct);
        return SignInOutcome.Refused;
    }

    internal static string Bare(string code) => string.Concat(code.Where(char.IsAsciiDigit));

    private async Task TellOfLockAsync(PortalUser user, RequestOrigin origin, CancellationToken ct)
    {
        outbox.Add(db, user.Email!, notices.LockedOut(origin));
        await db.SaveChangesAsync(ct);
        signal.Wake();
        Locked(user.Id, origin.Ip);
    }

    [LoggerMessage(1001, LogLevel.Warning, "Account {Account} is locked after too many failed tries, the last from {Ip}")]
    private partial void Locked(Guid account, string ip);
}
