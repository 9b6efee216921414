using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>Asks for a new password.</summary>
public sealed partial class ForgottenPassword
{
    protected override string Next => "/check-mail?for=password";

    private protected override Task AskAsync(MailAddress address, RequestOrigin origin, CancellationToken ct) => Accounts.AskForPasswordAsync(address, origin, ct);
}
