using System.Globalization;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>Where and when something was asked for: told in the mail, so that its reader can judge it.</summary>
/// <param name="Ip">The visitor's address in text.</param>
public sealed record RequestOrigin(string Ip)
{
    public static RequestOrigin Of(HttpContext context) => new(context.Connection.RemoteIpAddress?.ToString() ?? "an unknown address");
}

/// <summary>The words of the mails about accounts: who asked for what, when, and what to do if it was somebody else. One link at most, nothing advertised.</summary>
public sealed class AccountNotices(IOptions<ProviderOptions> provider, IOptions<AccountsOptions> accounts, PortalUrl portal, TimeProvider time)
{
    private string Portal => $"the Postmaster of {provider.Value.Name}";

    public NoticeContent NewAccount(string token, RequestOrigin origin) => new(
        $"Your account at {Portal}",
        $"""
        {Asked(origin, $"for an account at {Portal}")} with this address.

        To go on, choose a password here:
        {portal.To($"/password/{token}")}

        The link works once and until {Until()}.

        If it was not you, do nothing: without the link no account comes into being.
        """);

    public NoticeContent AlreadyHasAccount(RequestOrigin origin) => new(
        $"You already have an account at {Portal}",
        $"""
        {Asked(origin, $"for an account at {Portal}")} with this address. It has one already, and nothing was changed.

        You can sign in, or ask for a new password, here:
        {portal.To("/sign-in")}

        If it was not you, do nothing.
        """);

    public NoticeContent ForgottenPassword(string token, RequestOrigin origin) => new(
        $"A new password for {Portal}",
        $"""
        {Asked(origin, $"for a new password for your account at {Portal}")}.

        To choose one:
        {portal.To($"/password/{token}")}

        The link works once and until {Until()}. Using it signs you out everywhere.

        If it was not you, do nothing: your password stays as it is.
        """);

    public NoticeContent PasswordChanged(RequestOrigin origin) => Changed("Your password was changed", "The password of your account", "was changed", origin);

    public NoticeContent SecondFactorOn(RequestOrigin origin) => Changed("The second factor was turned on", "The second factor of your account", "was turned on", origin);

    public NoticeContent SecondFactorOff(RequestOrigin origin) => Changed("The second factor was turned off", "The second factor of your account", "was turned off", origin);

    public NoticeContent KeyMade(RequestOrigin origin) => new(
        $"A key for programs was made at {Portal}",
        $"""
        A key with which programs read the complaints about your domains at {Portal} was made at {Now()} from {origin.Ip}.

        If it was not you, revoke it here, and then choose a new password; a new password alone ends no key:
        {portal.To("/account/keys")}
        """);

    public NoticeContent LockedOut(RequestOrigin origin) => new(
        $"Too many tries to sign in at {Portal}",
        $"""
        Somebody at {origin.Ip} tried {accounts.Value.MaxFailedSignIns} times in a row to sign in to your account at {Portal} and failed, last at {Now()}.
        For {accounts.Value.LockoutTime.TotalMinutes:0} minutes nobody can sign in to it.

        If it was not you, you need do nothing. If you cannot remember the password, choose a new one here, which also ends the waiting:
        {portal.To("/forgotten-password")}
        """);

    private NoticeContent Changed(string subject, string what, string happened, RequestOrigin origin) => new(
        $"{subject} at {Portal}",
        $"""
        {what} at {Portal} {happened} at {Now()} from {origin.Ip}.

        If it was not you, choose a new password at once, which signs out everybody else:
        {portal.To("/forgotten-password")}
        """);

    private string Asked(RequestOrigin origin, string what) => $"At {Now()}, somebody at {origin.Ip} asked {what}";

    private string Now() => Words(time.GetUtcNow());

    private string Until() => Words(time.GetUtcNow() + accounts.Value.LinkLifetime);

    private static string Words(DateTimeOffset instant) => instant.UtcDateTime.ToString("HH:mm 'UTC on' d MMMM yyyy", CultureInfo.InvariantCulture);
}
