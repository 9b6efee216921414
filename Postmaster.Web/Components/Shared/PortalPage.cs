using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Components.Shared;

/// <summary>A page that looks at the request that asks for it, or leads on to another page.</summary>
public abstract class PortalPage : PageComponent
{
    [CascadingParameter]
    protected HttpContext Http { get; set; } = default!;

    [Inject]
    protected NavigationManager Navigation { get; set; } = default!;

    /// <summary>Whoever asked is gone.</summary>
    protected CancellationToken Aborted => Http.RequestAborted;
}
