using Microsoft.AspNetCore.Components;

namespace Postmaster.Web.Components.Shared;

/// <summary>
/// Part of a page that is rendered once, on the server: it is drawn when all that it shows has been read, and a form's answer when it has been
/// worked out. <see cref="ComponentBase"/> also draws in between, as soon as a question to a database that is elsewhere is on its way.
/// </summary>
public abstract class PageComponent : ComponentBase, IHandleEvent
{
    private Task? _initialization;

    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        await (_initialization ??= InitializeAsync());
        OnParametersSet();
        await OnParametersSetAsync();
        StateHasChanged();
    }

    async Task IHandleEvent.HandleEventAsync(EventCallbackWorkItem item, object? arg)
    {
        await item.InvokeAsync(arg);
        StateHasChanged();
    }

    private Task InitializeAsync()
    {
        OnInitialized();
        return OnInitializedAsync();
    }
}
