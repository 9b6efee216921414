using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Postmaster.Web.Features.Accounts;

/// <summary>The rules of accounts, in the terms of ASP.NET Core Identity.</summary>
internal sealed class IdentitySettings(IOptions<AccountsOptions> accounts) : IConfigureOptions<IdentityOptions>, IConfigureOptions<SecurityStampValidatorOptions>
{
    public const int MinPasswordLength = 10;

    public void Configure(IdentityOptions options)
    {
        options.User.RequireUniqueEmail = true;
        // The name of an account is its address, and addresses hold more than letters and digits.
        options.User.AllowedUserNameCharacters = "";
        // Length is what makes a password hard to guess; forced digits and signs make it hard to remember.
        options.Password.RequiredLength = MinPasswordLength;
        options.Password.RequiredUniqueChars = 4;
        options.Password.RequireDigit = options.Password.RequireLowercase = options.Password.RequireUppercase = options.Password.RequireNonAlphanumeric = false;
        options.Lockout.MaxFailedAccessAttempts = accounts.Value.MaxFailedSignIns;
        options.Lockout.DefaultLockoutTimeSpan = accounts.Value.LockoutTime;
        options.SignIn.RequireConfirmedEmail = true;
    }

    /// <summary>Looked at on each request: whoever changes the password has signed out everybody else at that moment.</summary>
    public void Configure(SecurityStampValidatorOptions options) => options.ValidationInterval = TimeSpan.Zero;
}
