using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>
/// A page below <c>/domains/{d}</c>: asks <see cref="DomainAccess"/> before anything is read, on GET and on POST alike.
/// A domain that is not the visitor's does not exist (404); a page for owners refuses readers (403) and shows operators everything but the forms.
/// The markup stands inside a <see cref="DomainFrame"/>.
/// </summary>
public abstract class DomainPage : PortalPage
{
    /// <summary>From the URL: A-labels or Unicode.</summary>
    [Parameter]
    public string Domain { get; set; } = "";

    /// <summary>What the form of the page before did: a code that the page turns into words.</summary>
    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [Inject]
    private DomainAccess Gate { get; set; } = default!;

    /// <summary>Null until it is known that the visitor may see the page; then nothing of the domain may be rendered.</summary>
    protected AccessedDomain? Access { get; private set; }

    /// <summary>The visitor may see the domain, not this page.</summary>
    protected bool Denied { get; private set; }

    protected virtual bool OwnersOnly => true;

    protected sealed override async Task OnInitializedAsync()
    {
        AccessedDomain? found = await Gate.FindAsync(Http.User, Domain, Aborted);
        if (found is null)
        {
            Navigation.NotFound();
            return;
        }

        Denied = OwnersOnly && !found.CanChange && !found.AsOperator;
        Access = found;
        if (!Denied)
            await LoadAsync(found);
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync(AccessedDomain access);

    /// <summary>Answers a form with a redirect to this domain's page (post, redirect, get).</summary>
    /// <param name="tab">Such as <c>members</c>; empty for the overview.</param>
    protected void Leave(string tab, string? done = null) =>
        Navigation.NavigateTo($"/domains/{Access!.Domain}{(tab.Length > 0 ? "/" : "")}{tab}{(done is null ? "" : $"?done={done}")}");
}
