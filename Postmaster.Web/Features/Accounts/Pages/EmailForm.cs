using Microsoft.AspNetCore.Components;
using Postmaster.Fbl.Names;
using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>A form with one address. The answer is the same for every address, and takes as long: a mail tells the rest.</summary>
public abstract class EmailForm : PortalPage
{
    [Inject]
    private protected AccountStore Accounts { get; set; } = default!;

    [SupplyParameterFromForm]
    protected EmailInput Input { get; set; } = default!;

    protected string? Problem { get; private set; }

    /// <summary>The page that says that a mail is on its way.</summary>
    protected abstract string Next { get; }

    protected override void OnInitialized() => Input ??= new EmailInput();

    protected async Task SubmitAsync()
    {
        if (!MailAddress.TryParse(Input.Email.Trim(), out MailAddress? address, out _))
        {
            Problem = EmailInput.NoAddress;
            return;
        }

        await EvenAnswers.WithFloorAsync(AskAsync(address, RequestOrigin.Of(Http), Aborted), Aborted);
        Navigation.NavigateTo(Next);
    }

    private protected abstract Task AskAsync(MailAddress address, RequestOrigin origin, CancellationToken ct);
}

public sealed class EmailInput
{
    public const string NoAddress = "That does not look like an e-mail address. It has the form name@example.org.";

    public string Email { get; set; } = "";
}
