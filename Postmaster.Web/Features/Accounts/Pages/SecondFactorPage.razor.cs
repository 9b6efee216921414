using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Postmaster.Web.Model;
using QRCoder;

namespace Postmaster.Web.Features.Accounts.Pages;

/// <summary>Setting the second factor up, renewing recovery codes, turning it off. Codes are in the answer to the form alone, so no address shows them again.</summary>
public sealed partial class SecondFactorPage
{
    private const string WrongPassword = "That is not your password.";

    [Inject]
    private UserManager<PortalUser> Users { get; set; } = default!;

    [Inject]
    private SignInManager<PortalUser> SignIn { get; set; } = default!;

    [Inject]
    private SecondFactorStore Factors { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "begin")]
    private CodeInput Begin { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "on")]
    private CodeInput TurnOn { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "renew")]
    private PasswordInput Renew { get; set; } = default!;

    [SupplyParameterFromForm(FormName = "off")]
    private PasswordInput Off { get; set; } = default!;

    private PortalUser User { get; set; } = default!;
    private SecondFactorState State { get; set; } = default!;
    private PendingAuthenticator? Pending { get; set; }
    private IReadOnlyList<string> NewCodes { get; set; } = [];
    private string? OnProblem { get; set; }
    private string? RenewProblem { get; set; }
    private string? OffProblem { get; set; }

    private string QrCode
    {
        get
        {
            using QRCodeData data = QRCodeGenerator.GenerateQrCode(Pending!.Uri, QRCodeGenerator.ECCLevel.M);
            using var image = new SvgQRCode(data);
            string svg = image.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute);
            return "data:image/svg+xml;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes(svg));
        }
    }

    protected override async Task OnInitializedAsync()
    {
        Begin ??= new CodeInput();
        TurnOn ??= new CodeInput();
        Renew ??= new PasswordInput();
        Off ??= new PasswordInput();
        User = (await Users.GetUserAsync(Http.User))!;
        State = await Factors.StateAsync(User);
        Pending = await Factors.PendingAsync(User);
    }

    private async Task BeginAsync()
    {
        await Factors.BeginAsync(User);
        await SignIn.RefreshSignInAsync(User);
        Navigation.NavigateTo("/account/second-factor");
    }

    private async Task TurnOnAsync()
    {
        if (await Factors.TurnOnAsync(User, TurnOn.Code, RequestOrigin.Of(Http), Aborted) is not { } codes)
        {
            (OnProblem, TurnOn.Code) = ("That code is not right. Check that the clock of your phone is right, wait for the next code and enter it.", "");
            return;
        }

        await ShowAsync(codes);
    }

    private async Task RenewAsync()
    {
        if (await Factors.NewRecoveryCodesAsync(User, Renew.Password) is { } codes)
            await ShowAsync(codes);
        else
            RenewProblem = WrongPassword;
    }

    private async Task TurnOffAsync()
    {
        if (!await Factors.TurnOffAsync(User, Off.Password, RequestOrigin.Of(Http), Aborted))
        {
            OffProblem = WrongPassword;
            return;
        }

        await SignIn.RefreshSignInAsync(User);
        Navigation.NavigateTo("/account?done=second-factor-off");
    }

    private async Task ShowAsync(IReadOnlyList<string> codes)
    {
        NewCodes = codes;
        State = await Factors.StateAsync(User);
        await SignIn.RefreshSignInAsync(User);
    }
}
