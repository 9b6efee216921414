using System.Net;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;

namespace Postmaster.Tests.Accounts;

public sealed class SecondFactorTests : IAsyncLifetime
{
    private const string Email = "olivia@news.example";
    private PostmasterApp _app = default!;

    public async Task InitializeAsync() => _app = await PostmasterApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task With_the_second_factor_on_signing_in_asks_for_a_code_and_takes_it_once()
    {
        (string secret, _) = await TurnOnAsync();
        _app.Time.Advance(TimeSpan.FromMinutes(2));
        string code = Code(secret);
        using PortalVisitor visitor = _app.NewVisitor();
        PortalPage asked = await PasswordAsync(visitor);
        Assert.Equal("/sign-in/code", asked.Address.AbsolutePath);
        Assert.Equal("/sign-in", (await visitor.GetAsync("/account")).Address.AbsolutePath); // the password alone opens nothing

        PortalPage wrong = await visitor.SubmitAsync(asked, CodeForm, ("Input.Code", "000000"));
        Assert.Contains("That code is not right", wrong.Text, StringComparison.Ordinal);
        Assert.Equal("/domains", (await visitor.SubmitAsync(wrong, CodeForm, ("Input.Code", code))).Address.AbsolutePath);

        using PortalVisitor thief = _app.NewVisitor();
        PortalPage replayed = await thief.SubmitAsync(await PasswordAsync(thief), CodeForm, ("Input.Code", code));
        Assert.Equal("/sign-in/code", replayed.Address.AbsolutePath);
    }

    [Fact]
    public async Task A_recovery_code_works_once()
    {
        (_, IReadOnlyList<string> codes) = await TurnOnAsync();
        Assert.Equal(SecondFactorStore.RecoveryCodes, codes.Count);
        using PortalVisitor visitor = _app.NewVisitor();
        Assert.Equal("/domains", (await visitor.SubmitAsync(await PasswordAsync(visitor), RecoveryForm, ("Recovery.Code", codes[3]))).Address.AbsolutePath);
        Assert.Contains("9 recovery codes left", (await visitor.GetAsync("/account")).Text, StringComparison.Ordinal);

        using PortalVisitor again = _app.NewVisitor();
        PortalPage refused = await again.SubmitAsync(await PasswordAsync(again), RecoveryForm, ("Recovery.Code", codes[3]));
        Assert.Contains("That recovery code is not right", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_and_recovery_codes_are_shown_once_and_unreadable_in_the_database()
    {
        (string secret, IReadOnlyList<string> codes) = await TurnOnAsync();
        Assert.True(await RawDatabase.ContainsAsync(_app, Email)); // the search does find what is there
        Assert.False(await RawDatabase.ContainsAsync(_app, secret));
        foreach (string code in codes)
            Assert.False(await RawDatabase.ContainsAsync(_app, code));

        using PortalVisitor visitor = _app.NewVisitor();
        await visitor.SubmitAsync(await PasswordAsync(visitor), RecoveryForm, ("Recovery.Code", codes[0]));
        PortalPage page = await visitor.GetAsync("/account/second-factor");
        Assert.DoesNotContain(codes[1], page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, page.Html.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turning_it_off_and_new_codes_need_the_password()
    {
        (_, IReadOnlyList<string> codes) = await TurnOnAsync();
        using PortalVisitor visitor = _app.NewVisitor();
        await visitor.SubmitAsync(await PasswordAsync(visitor), RecoveryForm, ("Recovery.Code", codes[0]));
        PortalPage page = await visitor.GetAsync("/account/second-factor");
        Assert.Contains("That is not your password", (await visitor.SubmitAsync(page, Named("renew"), ("Renew.Password", "wrong"))).Text, StringComparison.Ordinal);
        PortalPage renewed = await visitor.SubmitAsync(page, Named("renew"), ("Renew.Password", PostmasterApp.Password));
        Assert.Equal(SecondFactorStore.RecoveryCodes, Codes(renewed).Count);
        Assert.Empty(Codes(renewed).Intersect(codes, StringComparer.Ordinal));

        Assert.Contains("That is not your password", (await visitor.SubmitAsync(page, Named("off"), ("Off.Password", "wrong"))).Text, StringComparison.Ordinal);
        PortalPage off = await visitor.SubmitAsync(page, Named("off"), ("Off.Password", PostmasterApp.Password));
        Assert.Equal("/account", off.Address.AbsolutePath);
        using PortalVisitor plain = _app.NewVisitor();
        await plain.SignInAsync(Email, PostmasterApp.Password);
        Assert.Equal("/account", (await plain.GetAsync("/account")).Address.AbsolutePath);
    }

    [Fact]
    public async Task The_code_page_is_nothing_without_a_password_before()
    {
        using PortalVisitor visitor = _app.NewVisitor();
        Assert.Equal("/sign-in", (await visitor.GetAsync("/sign-in/code")).Address.AbsolutePath);
    }

    [Theory] // RFC 6238 appendix B, the last six of the eight digits
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) =>
        Assert.Equal(code, SingleUseAuthenticator.CodeAt("12345678901234567890"u8.ToArray(), seconds / 30));

    private const string CodeForm = "form:has(#code)", RecoveryForm = "form:has(#recovery-code)";

    private static string Named(string handler) => $"form:has(input[name='_handler'][value='{handler}'])";

    private static IReadOnlyList<string> Codes(PortalPage page) => [.. page.Document.QuerySelectorAll(".codes li").Select(li => li.TextContent.Trim())];

    private string Code(string secret) => SingleUseAuthenticator.CodeAt(Base32.Decode(secret), _app.Time.GetUtcNow().ToUnixTimeSeconds() / 30);

    private static async Task<PortalPage> PasswordAsync(PortalVisitor visitor) =>
        await visitor.SubmitAsync(await visitor.GetAsync("/sign-in"), null, ("Input.Email", Email), ("Input.Password", PostmasterApp.Password));

    private async Task<(string Secret, IReadOnlyList<string> Codes)> TurnOnAsync()
    {
        using PortalVisitor visitor = await _app.SignedInAsync(Email);
        PortalPage page = await visitor.SubmitAsync(await visitor.GetAsync("/account/second-factor"));
        string secret = page.Document.QuerySelector(".copy-value")!.TextContent.Replace(" ", "", StringComparison.Ordinal);
        Assert.StartsWith("data:image/svg+xml;base64,", page.Document.QuerySelector("img.qr")!.GetAttribute("src"), StringComparison.Ordinal);
        PortalPage wrong = await visitor.SubmitAsync(page, null, ("TurnOn.Code", "12345"));
        Assert.Contains("That code is not right", wrong.Text, StringComparison.Ordinal);
        PortalPage done = await visitor.SubmitAsync(wrong, null, ("TurnOn.Code", Code(secret)));
        Assert.Equal(HttpStatusCode.OK, done.Status);
        Assert.Equal("no-store", done.Header("Cache-Control"));
        IReadOnlyList<string> codes = Codes(done);
        Assert.NotEmpty(codes);
        return (secret, codes);
    }
}
