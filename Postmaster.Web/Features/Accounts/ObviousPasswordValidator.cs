using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>Refuses what somebody who wants in tries first: the address, the provider's name, "password", keyboard rows, with a few characters around.</summary>
internal sealed class ObviousPasswordValidator(IOptions<ProviderOptions> provider) : IPasswordValidator<PortalUser>
{
    public const string Code = "Obvious";

    /// <summary>Characters that have to be left when the obvious words are taken out.</summary>
    private const int MinOwnCharacters = 6;

    private static readonly string[] _everywhere =
        ["password", "passwort", "postmaster", "qwerty", "qwertz", "letmein", "welcome", "iloveyou", "1234567890", "12345678", "123456", "12345", "abcdef"];

    public Task<IdentityResult> ValidateAsync(UserManager<PortalUser> manager, PortalUser user, string? password)
    {
        string left = Squeeze(password ?? "");
        foreach (string word in ObviousWords(user).Order(LongestFirst))
            left = left.Replace(word, "", StringComparison.Ordinal);
        IdentityResult result = left.Length >= MinOwnCharacters
            ? IdentityResult.Success
            : IdentityResult.Failed(new IdentityError { Code = Code, Description = "That password is made of words that others try first. Use something only you would think of, such as four words that do not belong together." });
        return Task.FromResult(result);
    }

    private IEnumerable<string> ObviousWords(PortalUser user)
    {
        string email = user.Email ?? "";
        string[] own = [email, .. email.Split('@', '.'), provider.Value.Name, .. provider.Value.Name.Split(' '), provider.Value.Domain, .. provider.Value.Domain.Split('.')];
        return own.Select(Squeeze).Where(w => w.Length >= 4).Concat(_everywhere);
    }

    private static string Squeeze(string text) => string.Concat(text.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant));

    private static readonly Comparer<string> LongestFirst = Comparer<string>.Create((a, b) => b.Length.CompareTo(a.Length));
}
