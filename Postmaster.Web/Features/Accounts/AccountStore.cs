using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>What came of a new password.</summary>
public abstract record PasswordOutcome
{
    private PasswordOutcome()
    {
    }

    /// <param name="User">Whose it is, as it now stands.</param>
    /// <param name="WasNew">The account came into being with it.</param>
    public sealed record Done(PortalUser User, bool WasNew) : PasswordOutcome;

    /// <summary>The link is unknown, used or too old.</summary>
    public sealed record LinkGone : PasswordOutcome;

    /// <param name="Problems">Sentences for the visitor.</param>
    public sealed record Refused(IReadOnlyList<string> Problems) : PasswordOutcome;
}

/// <summary>Whose password a link chooses.</summary>
/// <param name="IsNew">The address is not confirmed yet: the account begins with this password.</param>
public sealed record PendingPassword(string Email, bool IsNew);

/// <summary>
/// Accounts from the first mail on. The password is chosen behind the mailed link and not before it, so that nobody can prepare
/// an account with another's address, and asking for one looks the same whether or not it exists.
/// </summary>
internal sealed class AccountStore(
    UserManager<PortalUser> users, PostmasterDb db, OneTimeLinks links, NoticeOutbox outbox, OutboxSignal signal,
    AccountNotices notices, MailLimit limit, IOptions<AccountsOptions> options, TimeProvider time)
{
    /// <summary>Somebody asks for an account: the address gets a link, or the notice that it has one.</summary>
    public async Task AskForAccountAsync(MailAddress address, RequestOrigin origin, CancellationToken ct)
    {
        if (!limit.Allows(address))
            return;
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        PortalUser? user = await users.FindByEmailAsync(address.ToString());
        if (user is { EmailConfirmed: true })
            outbox.Add(db, user.Email!, notices.AlreadyHasAccount(origin));
        else
            AddNewAccountLink(user ?? await CreateUnconfirmedAsync(address), origin);
        await SaveAsync(transaction, ct);
    }

    /// <summary>Somebody forgot a password: the address gets a link when it has an account, else nothing.</summary>
    public async Task AskForPasswordAsync(MailAddress address, RequestOrigin origin, CancellationToken ct)
    {
        if (!limit.Allows(address))
            return;
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        PortalUser? user = await users.FindByEmailAsync(address.ToString());
        if (user is { EmailConfirmed: true })
            outbox.Add(db, user.Email!, notices.ForgottenPassword(links.Issue(db, LinkPurpose.ChoosePassword, user.Id, options.Value.LinkLifetime), origin));
        else if (user is not null)
            AddNewAccountLink(user, origin);
        await SaveAsync(transaction, ct);
    }

    /// <summary>What a password link stands for, without using it up; null when it no longer works.</summary>
    public async Task<PendingPassword?> FindPendingAsync(string token, CancellationToken ct) =>
        await links.PeekAsync(db, LinkPurpose.ChoosePassword, token, ct) is { } id && await users.FindByIdAsync(id.ToString()) is { } user
            ? new PendingPassword(user.Email!, !user.EmailConfirmed)
            : null;

    /// <summary>Uses a password link up. A refused password leaves the link good for another try.</summary>
    public async Task<PasswordOutcome> ChoosePasswordAsync(string token, string password, RequestOrigin origin, CancellationToken ct)
    {
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        if (await links.PeekAsync(db, LinkPurpose.ChoosePassword, token, ct) is not { } id || await users.FindByIdAsync(id.ToString()) is not { } user)
            return new PasswordOutcome.LinkGone();
        bool wasNew = !user.EmailConfirmed;
        if (await ProblemsOfAsync(user, password) is { Count: > 0 } problems)
            return new PasswordOutcome.Refused(problems);
        if (await links.RedeemAsync(db, LinkPurpose.ChoosePassword, token, ct) is null)
            return new PasswordOutcome.LinkGone();
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ChoosePassword, id, ct);
        await SetPasswordAsync(user, password);
        if (!wasNew)
            outbox.Add(db, user.Email!, notices.PasswordChanged(origin));
        await SaveAsync(transaction, ct);
        return new PasswordOutcome.Done(user, wasNew);
    }

    /// <summary>The first operator, from the link that the first start printed. It makes an account; one that exists keeps its password and is refused.</summary>
    public async Task<PasswordOutcome> MakeFirstOperatorAsync(string token, MailAddress address, string password, CancellationToken ct)
    {
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        if (await links.PeekAsync(db, LinkPurpose.OperatorSetup, token, ct) is null || await db.Users.AnyAsync(u => u.IsOperator, ct))
            return new PasswordOutcome.LinkGone();
        PortalUser? user = await users.FindByEmailAsync(address.ToString());
        if (user is { EmailConfirmed: true })
            return new PasswordOutcome.Refused(["This address has an account already. Use another address for the operator account."]);
        user ??= await CreateUnconfirmedAsync(address);
        if (await ProblemsOfAsync(user, password) is { Count: > 0 } problems)
            return new PasswordOutcome.Refused(problems);
        if (await links.RedeemAsync(db, LinkPurpose.OperatorSetup, token, ct) is null)
            return new PasswordOutcome.LinkGone();
        user.IsOperator = true;
        await SetPasswordAsync(user, password);
        await SaveAsync(transaction, ct);
        return new PasswordOutcome.Done(user, WasNew: true);
    }

    /// <summary>Changes the password of who is signed in; every other session ends.</summary>
    public async Task<PasswordOutcome> ChangePasswordAsync(PortalUser user, string current, string password, RequestOrigin origin, CancellationToken ct)
    {
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(ct);
        IdentityResult result = await users.ChangePasswordAsync(user, current, password);
        if (!result.Succeeded)
            return new PasswordOutcome.Refused([.. result.Errors.Select(Words)]);
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.ChoosePassword, user.Id, ct);
        outbox.Add(db, user.Email!, notices.PasswordChanged(origin));
        await SaveAsync(transaction, ct);
        return new PasswordOutcome.Done(user, WasNew: false);
    }

    private static string Words(IdentityError error) =>
        string.Equals(error.Code, nameof(IdentityErrorDescriber.PasswordMismatch), StringComparison.Ordinal) ? "The current password is another one." : error.Description;

    private void AddNewAccountLink(PortalUser user, RequestOrigin origin) =>
        outbox.Add(db, user.Email!, notices.NewAccount(links.Issue(db, LinkPurpose.ChoosePassword, user.Id, options.Value.LinkLifetime), origin));

    private async Task<PortalUser> CreateUnconfirmedAsync(MailAddress address)
    {
        var user = new PortalUser { UserName = address.ToString(), Email = address.ToString(), CreatedAt = time.GetUtcNow() };
        Require(await users.CreateAsync(user));
        return user;
    }

    private async Task SetPasswordAsync(PortalUser user, string password)
    {
        user.EmailConfirmed = true;
        user.LockoutEnd = null;
        user.AccessFailedCount = 0;
        if (user.PasswordHash is not null)
            Require(await users.RemovePasswordAsync(user));
        Require(await users.AddPasswordAsync(user, password));
    }

    private async Task<IReadOnlyList<string>> ProblemsOfAsync(PortalUser user, string password)
    {
        var problems = new List<string>();
        foreach (IPasswordValidator<PortalUser> validator in users.PasswordValidators)
            problems.AddRange((await validator.ValidateAsync(users, user, password)).Errors.Select(Words));
        return problems;
    }

    private async Task SaveAsync(IDbContextTransaction transaction, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        signal.Wake();
    }

    private static void Require(IdentityResult result)
    {
        if (!result.Succeeded)
            throw new InvalidOperationException(string.Join(' ', result.Errors.Select(e => e.Code)));
    }
}
