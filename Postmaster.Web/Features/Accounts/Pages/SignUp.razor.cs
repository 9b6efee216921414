using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>Asks for an account.</summary>
public sealed partial class SignUp
{
    protected override string Next => "/check-mail?for=account";

    private protected override Task AskAsync(MailAddress address, RequestOrigin origin, CancellationToken ct) => Accounts.AskForAccountAsync(address, origin, ct);
}
