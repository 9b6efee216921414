using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <param name="RecoveryCodesLeft">0 while it is off.</param>
public sealed record SecondFactorState(bool IsOn, int RecoveryCodesLeft);

/// <summary>What the app needs to be shown before the second factor is on.</summary>
/// <param name="Secret">Base32 in groups of four.</param>
/// <param name="Uri">The <c>otpauth</c> address for the QR code.</param>
public sealed record PendingAuthenticator(string Secret, string Uri);

/// <summary>The second factor: codes of an app, and recovery codes for the day the app is lost.</summary>
internal sealed class SecondFactorStore(
    UserManager<PortalUser> users, PostmasterDb db, NoticeOutbox outbox, OutboxSignal signal, AccountNotices notices, IOptions<ProviderOptions> provider)
{
    public const int RecoveryCodes = 10;

    public async Task<SecondFactorState> StateAsync(PortalUser user) =>
        user.TwoFactorEnabled ? new SecondFactorState(true, await users.CountRecoveryCodesAsync(user)) : new SecondFactorState(false, 0);

    /// <summary>Makes a new secret. Nothing is asked for at sign-in until a code of it was entered.</summary>
    public async Task BeginAsync(PortalUser user)
    {
        if (!user.TwoFactorEnabled)
            await users.ResetAuthenticatorKeyAsync(user);
    }

    /// <summary>The secret to put into the app; null when the second factor is on already (it is never shown again) or was not begun.</summary>
    public async Task<PendingAuthenticator?> PendingAsync(PortalUser user)
    {
        if (user.TwoFactorEnabled || await users.GetAuthenticatorKeyAsync(user) is not { } key)
            return null;
        string issuer = UrlEncoder.Default.Encode($"{provider.Value.Name} Postmaster");
        string account = UrlEncoder.Default.Encode(user.Email!);
        return new PendingAuthenticator(string.Join(' ', key.Chunk(4).Select(part => new string(part))), $"otpauth://totp/{issuer}:{account}?secret={key}&issuer={issuer}&digits=6");
    }

    /// <summary>Turns it on with a code of the app; returns the recovery codes, the only time that they are shown. Null: wrong code.</summary>
    public async Task<IReadOnlyList<string>?> TurnOnAsync(PortalUser user, string code, RequestOrigin origin, CancellationToken ct)
    {
        if (user.TwoFactorEnabled || !await users.VerifyTwoFactorTokenAsync(user, TokenOptions.DefaultAuthenticatorProvider, SignInStore.Bare(code)))
            return null;
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        await users.SetTwoFactorEnabledAsync(user, true);
        IEnumerable<string>? codes = await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodes);
        outbox.Add(db, user.Email!, notices.SecondFactorOn(origin));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        signal.Wake();
        return [.. codes!];
    }

    /// <summary>New recovery codes; the old ones end. Null: wrong password.</summary>
    public async Task<IReadOnlyList<string>?> NewRecoveryCodesAsync(PortalUser user, string password) =>
        user.TwoFactorEnabled && await users.CheckPasswordAsync(user, password)
            ? [.. (await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodes))!]
            : null;

    /// <summary>Turns it off and forgets secret and recovery codes. False: wrong password.</summary>
    public async Task<bool> TurnOffAsync(PortalUser user, string password, RequestOrigin origin, CancellationToken ct)
    {
        if (!await users.CheckPasswordAsync(user, password))
            return false;
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        await users.SetTwoFactorEnabledAsync(user, false);
        await users.GenerateNewTwoFactorRecoveryCodesAsync(user, 0);
        await users.ResetAuthenticatorKeyAsync(user);
        outbox.Add(db, user.Email!, notices.SecondFactorOff(origin));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        signal.Wake();
        return true;
    }
}
