using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Api.Pages;

/// <summary>The keys of an account's programs.</summary>
public sealed partial class KeyList
{
    [SupplyParameterFromForm(FormName = "make")]
    public string? Name { get; set; }

    [SupplyParameterFromForm(FormName = "make")]
    public string? Handle { get; set; }

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [Inject]
    private ApiKeyStore Store { get; set; } = default!;

    private IReadOnlyList<ApiKeyRow> Keys { get; set; } = [];
    private NewApiKey.Made? Made { get; set; }
    private string? Problem { get; set; }
    private Guid Self => Http.User.PortalId()!.Value;

    protected override async Task OnInitializedAsync() => Keys = await Store.ListAsync(Self, Http.RequestAborted);

    /// <summary>The one form that is not answered by a redirect: the key must stand in no address and in no store.</summary>
    private async Task MakeAsync()
    {
        switch (await Store.CreateAsync(Self, Name, Handle is "yes" ? ApiScope.Handle : ApiScope.Read, RequestOrigin.Of(Http), Http.RequestAborted))
        {
            case NewApiKey.Made made:
                Made = made;
                Keys = await Store.ListAsync(Self, Http.RequestAborted);
                break;
            case NewApiKey.Refused refused:
                Problem = refused.Reason;
                break;
        }
    }

    private async Task RevokeAsync(ApiKeyRow key)
    {
        await Store.RevokeAsync(Self, key.Id, Http.RequestAborted);
        Navigation.NavigateTo("/account/keys?done=revoked");
    }
}
