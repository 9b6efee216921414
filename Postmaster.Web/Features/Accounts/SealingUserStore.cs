using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>
/// Identity's store, which would write authenticator secrets and recovery codes in clear; here every user token is sealed.
/// A copy of the database alone opens no second factor.
/// </summary>
internal sealed class SealingUserStore(PostmasterDb db, Sealer sealer, IdentityErrorDescriber? describer = null)
    : UserOnlyStore<PortalUser, PostmasterDb, Guid>(db, describer)
{
    public override Task SetTokenAsync(PortalUser user, string loginProvider, string name, string? value, CancellationToken cancellationToken) =>
        base.SetTokenAsync(user, loginProvider, name, value is null ? null : Convert.ToBase64String(sealer.Seal(value)), cancellationToken);

    public override async Task<string?> GetTokenAsync(PortalUser user, string loginProvider, string name, CancellationToken cancellationToken) =>
        await base.GetTokenAsync(user, loginProvider, name, cancellationToken) is { } stored ? sealer.OpenText(Convert.FromBase64String(stored)) : null;
}
