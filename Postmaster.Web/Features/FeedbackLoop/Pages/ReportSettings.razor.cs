using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Pages;

/// <summary>What does a report show, and how do I find out whom it is about?</summary>
public sealed partial class ReportSettings
{
    /// <summary>The same steps as <see cref="RedactionKey"/> takes.</summary>
    private const string Program = """
        import base64, hashlib, hmac, unicodedata

        key = base64.urlsafe_b64decode("pmrk1_..."[6:] + "=")       # the key that you fetch below

        def code(address):                                          # ann@example.org
            local, domain = address.rsplit("@", 1)
            whole = (local + "@" + domain.encode("idna").decode()).lower()
            whole = unicodedata.normalize("NFC", whole)
            digest = hmac.new(key, whole.encode(), hashlib.sha256).digest()
            return base64.b32encode(digest[:10]).decode().lower()

        by_code = {code(address): address for address in my_list}   # then: by_code["k7f3q2m9x4b6w2za"]
        """;

    [SupplyParameterFromForm(FormName = "look")]
    public string? Shape { get; set; }

    [SupplyParameterFromForm(FormName = "look")]
    public string? Format { get; set; }

    [SupplyParameterFromForm(FormName = "look")]
    public string? Clear { get; set; }

    [SupplyParameterFromForm(FormName = "look")]
    public string? NotSpam { get; set; }

    [SupplyParameterFromQuery(Name = "shape")]
    public string? ShownShape { get; set; }

    [SupplyParameterFromQuery(Name = "format")]
    public string? ShownFormat { get; set; }

    [Inject]
    private ReportQueries Queries { get; set; } = default!;

    [Inject]
    private FeedbackSettingsStore Store { get; set; } = default!;

    [Inject]
    private FeedbackAddressQueries Addresses { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private ReportSettingsView View { get; set; } = default!;
    private ReportLook Shown { get; set; } = default!;
    private string Sample { get; set; } = "";
    private bool IsKeyOwner => Http.User.PortalId() == View.KeyOwnerId;
    private string? DoneWords => Done is "saved" ? "Saved. Reports look like this from now on." : null;

    protected override async Task LoadAsync(AccessedDomain access)
    {
        if (await Queries.FindAsync(access.ClaimId, Aborted) is not { } view)
        {
            Navigation.NotFound();
            return;
        }

        View = view;
        Shown = (view.Look with { Shape = Read(ShownShape, view.Look.Shape), Format = Read(ShownFormat, view.Look.Format) }).Within(!view.BodiesKeptBack);
        Sample = await Queries.SampleAsync(view.KeyOwnerId, access.Domain, (await Addresses.FindAsync(access.ClaimId, Aborted))?.Address, Shown, Aborted);
    }

    private async Task SaveAsync()
    {
        bool wantsClear = Clear is "yes" && (View.ClearAllowed || View.Chosen.WantsClear);
        var choice = new ReportChoice(Read(Shape, View.Chosen.Shape), Read(Format, View.Chosen.Format), wantsClear, NotSpam is "yes");
        await Store.ChooseAsync(Access!.ClaimId, Http.User.PortalId()!.Value, choice, Aborted);
        Leave("feedback/report", "saved");
    }

    private string Preview(ReportShape shape, ReportFormat format) => $"/domains/{Access!.Domain}/feedback/report?shape={shape}&format={format}#sample";

    private static T Read<T>(string? word, T otherwise)
        where T : struct, Enum => Enum.TryParse(word, ignoreCase: true, out T value) && Enum.IsDefined(value) ? value : otherwise;

    private static string Upper(string words) => char.ToUpperInvariant(words[0]) + words[1..];
}
