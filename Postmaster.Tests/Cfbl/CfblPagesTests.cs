using System.Net;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Cfbl;

/// <summary>Who sees what of invitations.</summary>
public sealed class CfblPagesTests
{
    private const string Owner = "owner@mail.example";

    [Fact]
    public async Task An_owner_reads_why_a_field_did_not_qualify_and_nobody_else_does()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ClaimAsync("shop.example", Owner);
        await app.ComplainAsync(CfblKit.Mail("one").SignedBy("shop.example", "From"), KeptState.Counted);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        PortalPage page = await owner.GetAsync("/domains/shop.example/feedback");
        Assert.Contains("does not list this CFBL-Address in h=", page.Text, StringComparison.Ordinal);
        Assert.Contains("RFC 9477 §3.1.4", page.Text, StringComparison.Ordinal);
        Guid complaint;
        await using (PostmasterDb db = await app.OpenDbAsync())
            complaint = await db.Complaints.Select(c => c.Id).SingleAsync();
        Assert.Contains("does not list this CFBL-Address in h=", (await owner.GetAsync($"/domains/shop.example/complaints/{complaint}")).Text, StringComparison.Ordinal);

        await app.ClaimAsync("other.example", "other@mail.example");
        using PortalVisitor other = await app.SignedInAsync("other@mail.example");
        foreach (string path in (string[])["/domains/shop.example/feedback", $"/domains/shop.example/complaints/{complaint}", $"/domains/other.example/complaints/{complaint}"])
            Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(path)).Status);
        Assert.DoesNotContain("CFBL", (await other.GetAsync("/domains/other.example/feedback")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_owner_sees_how_many_reports_a_limit_kept_back_and_has_each_as_a_file()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:AllowanceUnconfirmed", "1"));
        await app.ClaimAsync("shop.example", Owner);
        foreach (string name in (string[])["one", "two", "three"])
            await app.ComplainAsync(name, KeptState.Counted);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        PortalPage page = await owner.GetAsync("/domains/shop.example/feedback");
        Assert.Contains("a limit kept back 2 reports", page.Text, StringComparison.Ordinal);
        Assert.Contains("2, because nobody has confirmed the address yet", page.Text, StringComparison.Ordinal);
        List<Guid> complaints;
        await using (PostmasterDb db = await app.OpenDbAsync())
            complaints = await db.Complaints.Select(c => c.Id).ToListAsync();
        foreach (Guid complaint in complaints)
            Assert.Equal(HttpStatusCode.OK, (await owner.Http.GetAsync(new Uri($"/domains/shop.example/complaints/{complaint}/report.eml", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task What_became_of_an_address_is_told_to_the_owner_of_its_domain_alone()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ClaimAsync("shop.example", Owner);
        await app.ClaimAsync("esp.example", "esp@mail.example", "fbl@esp.example");
        await app.ComplainAsync(CfblKit.Mail("one", "CFBL-Address: fbl@esp.example\r\n").SignedBy("shop.example").SignedBy("esp.example"), KeptState.Counted);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        string brand = (await owner.GetAsync("/domains/shop.example/feedback")).Text;
        Assert.Contains("Shown to the owner of the address's domain only", brand, StringComparison.Ordinal);
        Assert.DoesNotContain("feedback address of a claimed domain", brand, StringComparison.Ordinal);
        using PortalVisitor esp = await app.SignedInAsync("esp@mail.example");
        Assert.Contains("feedback address of a claimed domain", (await esp.GetAsync("/domains/esp.example/feedback")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_sees_masked_addresses_and_blocks_them_and_nobody_else_may()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ComplainAsync("one");
        using PortalVisitor operators = await app.SignedInAsync("op@provider.example", isOperator: true);
        PortalPage page = await operators.GetAsync("/operator/invited");
        Assert.Contains("f***@shop.example", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(CfblKit.Address, page.Text, StringComparison.Ordinal);
        Assert.Contains("Not confirmed", page.Text, StringComparison.Ordinal);
        Guid id = (await app.ContactAsync()).Id;
        await operators.SubmitAsync(page, "form:has(button[name='block'])", ("block", id.ToString()));
        Assert.NotNull((await app.ContactAsync()).BlockedAt);
        Assert.Equal(CfblFate.Blocked, (await app.ComplainAsync("two")).Fate);
        page = await operators.GetAsync("/operator/invited");
        await operators.SubmitAsync(page, "form:has(button[name='release'])", ("release", id.ToString()));
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync("three")).Fate);

        using PortalVisitor somebody = await app.SignedInAsync(Owner);
        Assert.NotEqual(HttpStatusCode.OK, (await somebody.GetAsync("/operator/invited")).Status);
    }

    [Fact]
    public async Task A_link_that_is_none_tells_nothing()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ComplainAsync("one");
        Guid id = (await app.ContactAsync()).Id;
        using PortalVisitor visitor = app.NewVisitor();
        string known = (await visitor.GetAsync($"/cfbl/{id:N}{new string('0', 40)}")).Text, unknown = (await visitor.GetAsync($"/cfbl/{Guid.NewGuid():N}{new string('0', 40)}")).Text;
        Assert.Contains("This link is not complete", known, StringComparison.Ordinal);
        Assert.Equal(unknown, known);
        Assert.DoesNotContain("shop.example", known, StringComparison.Ordinal);
    }
}
