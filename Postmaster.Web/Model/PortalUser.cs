using Microsoft.AspNetCore.Identity;

namespace Postmaster.Web.Model;

/// <summary>A person with an account: a domain owner, a reader, or one of the provider's operators.</summary>
public sealed class PortalUser : IdentityUser<Guid>
{
    public PortalUser() => Id = Guid.CreateVersion7();

    /// <summary>Operators see every domain, complaint and queue of the provider.</summary>
    public bool IsOperator { get; set; }

    public DateTimeOffset CreatedAt { get; init; }
}
