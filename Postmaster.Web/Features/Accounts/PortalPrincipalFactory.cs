using System.Security.Claims;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>Who someone is on a request: id, address, and the operator's role where it is given.</summary>
internal sealed class PortalPrincipalFactory(UserManager<PortalUser> users, IOptions<IdentityOptions> options)
    : UserClaimsPrincipalFactory<PortalUser>(users, options)
{
    protected override async Task<ClaimsIdentity> GenerateClaimsAsync(PortalUser user)
    {
        ClaimsIdentity identity = await base.GenerateClaimsAsync(user);
        if (user.IsOperator)
            identity.AddClaim(new Claim(identity.RoleClaimType, AccountsServices.OperatorPolicy));
        return identity;
    }
}
