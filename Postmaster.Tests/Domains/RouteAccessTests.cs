using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Pages;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>
/// Another account, a visitor without one, and a reader try every route and every form of a domain. The routes come from the running
/// product: a new page fails here until somebody has written down who may see it.
/// </summary>
public sealed class RouteAccessTests : IAsyncLifetime
{
    private const string Owner = "ann@owner.example", Reader = "rita@owner.example", Stranger = "eve@evil.example", Operator = "op@provider.example";

    /// <summary>Pages of a domain, and whether a reader may see them.</summary>
    private static readonly Dictionary<string, bool> _readersMay = new(StringComparer.OrdinalIgnoreCase)
    {
        ["/domains/{Domain}"] = true,
        ["/domains/{Domain}/complaints"] = true,
        ["/domains/{Domain}/complaints/{Id:guid}"] = true,
        ["/domains/{Domain}/reputation"] = true,
        ["/domains/{Domain}/streams"] = true,
        ["/domains/{Domain}/streams/{Stream:int}"] = true,
        ["/domains/{Domain}/ips"] = true,
        ["/domains/{Domain}/authentication"] = true,
        ["/domains/{Domain}/delivery"] = true,
        ["/domains/{Domain}/compliance"] = true,
        ["/domains/{Domain}/manners"] = true,
        ["/domains/{Domain}/numbers/compliance.csv"] = true,
        ["/domains/{Domain}/numbers/manners.csv"] = true,
        ["/domains/{Domain}/numbers/days.csv"] = true,
        ["/domains/{Domain}/numbers/hours.csv"] = true,
        ["/domains/{Domain}/numbers/unauthenticated.csv"] = true,
        ["/domains/{Domain}/numbers/reputation.csv"] = true,
        ["/domains/{Domain}/numbers/streams.csv"] = true,
        ["/domains/{Domain}/numbers/streams/{Stream:int}.csv"] = true,
        ["/domains/{Domain}/leave"] = true,
        ["/domains/{Domain}/ownership"] = false,
        ["/domains/{Domain}/members"] = false,
        ["/domains/{Domain}/feedback"] = false,
        ["/domains/{Domain}/feedback/group"] = false,
        ["/domains/{Domain}/feedback/report"] = false,
        ["/domains/{Domain}/history"] = false,
        ["/domains/{Domain}/feedback/webhooks"] = false,
        ["/domains/{Domain}/feedback/digest"] = false,
    };

    /// <summary>Whether an address is one of the pages that are tried here.</summary>
    public static bool HasPage(string pattern) => _readersMay.ContainsKey(pattern);

    private PostmasterApp _app = default!;
    private string _complaint = "";
    private int _stream;

    public async Task InitializeAsync()
    {
        _app = await PortalSeed.StartAsync(); // what stands in the database changes by the visitors alone
        PortalUser ann = await _app.EnsureUserAsync(Owner), rita = await _app.EnsureUserAsync(Reader);
        var added = (AddClaimResult.Added)await _app.Services.GetRequiredService<ClaimStore>().AddAsync(ann.Id, "news.example", CancellationToken.None);
        await using PostmasterDb db = await _app.OpenDbAsync();
        DomainClaim claim = await db.Claims.SingleAsync();
        _app.Zone.AddTxt("_postmaster-challenge.news.example", Challenge.Prefix + claim.Token);
        await _app.Services.GetRequiredService<ClaimChecks>().CheckNowAsync(claim.Id, CancellationToken.None);
        DateTimeOffset now = _app.Time.GetUtcNow();
        var kept = new KeptComplaint { Id = Guid.NewGuid(), Door = IntakeDoor.Http, Press = Press.Spam, ReceivedAt = now, PressedAt = now, Size = 1, DueAt = now, State = KeptState.Counted };
        var complaint = new Complaint { KeptId = kept.Id, Domain = "news.example", SigningDomain = "news.example", PressedAt = now, Evidence = Evidence.VerifiedNow, Subject = "Spring offer" };
        db.AddRange(kept, complaint, new DomainMember { ClaimId = added.ClaimId, UserId = rita.Id, Role = MemberRole.Reader, CreatedAt = now });
        await db.SaveChangesAsync();
        _complaint = complaint.Id.ToString();
        DateOnly today = DateOnly.FromDateTime(now.UtcDateTime);
        var domain = new MailDomain { Name = "news.example", FirstDay = today, LastDay = today };
        db.Add(domain);
        await db.SaveChangesAsync();
        var stream = new MailStream { DomainId = domain.Id, Kind = StreamKind.ListId, Value = "weekly.news.example", FirstDay = today, LastDay = today };
        db.Add(stream);
        await db.SaveChangesAsync();
        _stream = stream.Id;
        var hook = new WebhookEndpoint { ClaimId = claim.Id, Url = "https://hook.owner.example/", State = WebhookState.On, SealedSecret = [1], CreatedBy = ann.Id, CreatedAt = now, DueAt = now };
        db.Digests.Add(new Digest { ClaimId = claim.Id, Address = "digest@owner.example", RequestedBy = ann.Id, RequestedAt = now, ConfirmedAt = now, Hour = 6, NextAt = now.AddDays(1), RateKey = "digest@owner.example" });
        db.AddRange(hook, new WebhookDelivery { EndpointId = hook.Id, ComplaintId = complaint.Id, State = WebhookDeliveryState.Failed, CreatedAt = now, DueAt = now, EndedAt = now });
        await db.SaveChangesAsync();
        await _app.Services.GetRequiredService<InvitationStore>().InviteAsync(claim.Id, ann.Id, "guest@owner.example", MemberRole.Owner, CancellationToken.None);
        await _app.Services.GetRequiredService<FeedbackAddressStore>().RequestAsync(claim.Id, ann.Id, "fbl@owner.example", CancellationToken.None);
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public void Every_page_of_a_domain_is_in_the_table()
    {
        // A report as a file needs a message that is kept: HeldPagesTests tries that one.
        string[] routes = [.. Patterns().Where(p => p.StartsWith("/domains/{", StringComparison.OrdinalIgnoreCase) && !p.EndsWith("/report.eml", StringComparison.OrdinalIgnoreCase))];
        Assert.Equal(_readersMay.Keys.Order(StringComparer.OrdinalIgnoreCase), routes.Order(StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Strangers_find_nothing_readers_only_what_is_theirs_and_operators_all()
    {
        using PortalVisitor nobody = _app.NewVisitor(), eve = await _app.SignedInAsync(Stranger), rita = await _app.SignedInAsync(Reader),
            ann = await _app.SignedInAsync(Owner), op = await _app.SignedInAsync(Operator, isOperator: true);
        foreach ((string pattern, bool readers) in _readersMay)
        {
            string path = Path(pattern);
            HttpResponseMessage signIn = await nobody.Http.GetAsync(new Uri(path, UriKind.Relative));
            Assert.True(signIn.StatusCode == HttpStatusCode.Found && signIn.Headers.Location!.ToString().Contains("/sign-in", StringComparison.Ordinal), $"anonymous {path}: {signIn.StatusCode}");
            PortalPage unseen = await eve.GetAsync(path);
            Assert.True(unseen.Status == HttpStatusCode.NotFound && !unseen.Html.Contains("Spring offer", StringComparison.Ordinal), $"stranger {path}: {unseen.Status}");
            PortalPage read = await rita.GetAsync(path);
            Assert.True(read.Status == (readers ? HttpStatusCode.OK : HttpStatusCode.Forbidden), $"reader {path}: {read.Status}");
            if (!readers)
                Assert.Empty(read.Document.QuerySelectorAll("main form"));
            Assert.True((await ann.GetAsync(path)).Status == HttpStatusCode.OK, $"owner {path}");
            PortalPage watched = await op.GetAsync(path);
            Assert.True(watched.Status == HttpStatusCode.OK && watched.Document.QuerySelectorAll("main form[method=post]").Length == 0, $"operator {path}: {watched.Status}");
        }
    }

    [Fact]
    public async Task No_form_of_a_domain_works_for_anybody_but_its_owners()
    {
        using PortalVisitor nobody = _app.NewVisitor(), eve = await _app.SignedInAsync(Stranger), rita = await _app.SignedInAsync(Reader),
            ann = await _app.SignedInAsync(Owner), op = await _app.SignedInAsync(Operator, isOperator: true);
        string before = await StateAsync();
        var tried = 0;
        foreach (string path in _readersMay.Keys.Select(Path))
        {
            PortalPage page = await ann.GetAsync(path);
            foreach (var form in page.Document.QuerySelectorAll("main form[method=post]"))
            {
                var fields = form.QuerySelectorAll("input[name], button[name]").Select(i => (Name: i.GetAttribute("name")!, Value: i.GetAttribute("value") ?? ""))
                    .Where(f => !string.Equals(f.Name, "__RequestVerificationToken", StringComparison.Ordinal))
                    .Select(f => f with { Value = f.Name is "Email" or "Address" ? "new@evil.example" : f.Value }).ToList();
                (PortalVisitor Who, string From)[] others = path.EndsWith("/leave", StringComparison.Ordinal)
                    ? [(nobody, "/sign-in"), (eve, "/domains"), (op, "/domains")]
                    : [(nobody, "/sign-in"), (eve, "/domains"), (rita, "/domains"), (op, "/domains")];
                foreach ((PortalVisitor who, string from) in others)
                {
                    string token = (await who.GetAsync(from)).Document.QuerySelector("main input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
                    using var content = new FormUrlEncodedContent([.. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value)), new("__RequestVerificationToken", token)]);
                    HttpResponseMessage answer = await who.Http.PostAsync(new Uri(path, UriKind.Relative), content);
                    bool refused = (int)answer.StatusCode >= 400 || answer.Headers.Location?.ToString().Contains("/sign-in", StringComparison.Ordinal) == true;
                    Assert.True(refused, $"{path} {string.Join('&', fields)}: {answer.StatusCode} {answer.Headers.Location}");
                    tried++;
                }
            }
        }

        Assert.True(tried >= 30, $"only {tried} tries: the owner's pages lost their forms");
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_changes_nothing()
    {
        using PortalVisitor ann = await _app.SignedInAsync(Owner);
        string before = await StateAsync();
        using var content = new FormUrlEncodedContent([new("_handler", "remove")]);
        HttpResponseMessage answer = await ann.Http.PostAsync(new Uri("/domains/news.example/ownership", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task Every_form_of_an_invitation_needs_the_invited_account()
    {
        PortalMail mail = await _app.NextMailAsync("guest@owner.example");
        using PortalVisitor nobody = _app.NewVisitor(), eve = await _app.SignedInAsync(Stranger), guest = await _app.SignedInAsync("guest@owner.example");
        Assert.Equal("/sign-in", (await nobody.GetAsync(mail.LinkPath)).Address.AbsolutePath);
        PortalPage refused = await eve.GetAsync(mail.LinkPath);
        Assert.Contains("g***@owner.example", refused.Text, StringComparison.Ordinal);
        Assert.Empty(refused.Document.QuerySelectorAll("main form"));
        PortalPage accepted = await guest.SubmitAsync(await guest.GetAsync(mail.LinkPath));
        Assert.Equal("/domains/news.example", accepted.Address.AbsolutePath);
        Assert.Equal("This invitation has ended", (await guest.GetAsync(mail.LinkPath)).Heading);
    }

    private static readonly JsonSerializerOptions _plain = new() { WriteIndented = false };

    private IEnumerable<string> Patterns() => _app.Services.GetServices<EndpointDataSource>().Concat(((IEndpointRouteBuilder)_app.Host).DataSources)
        .SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("GET") ?? true).Select(e => "/" + e.RoutePattern.RawText!.Trim('/')).Distinct(StringComparer.OrdinalIgnoreCase);

    private string Path(string pattern) => pattern
        .Replace("{Domain}", "news.example", StringComparison.OrdinalIgnoreCase).Replace("{Id:guid}", _complaint, StringComparison.OrdinalIgnoreCase)
        .Replace("{Stream:int}", _stream.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.OrdinalIgnoreCase);

    /// <summary>Everything of the domain that a form could change.</summary>
    private async Task<string> StateAsync()
    {
        await using PostmasterDb db = await _app.OpenDbAsync();
        return JsonSerializer.Serialize(new
        {
            Claims = await db.Claims.AsNoTracking().IgnoreQueryFilters().OrderBy(c => c.Id).ToListAsync(),
            Members = await db.Members.AsNoTracking().OrderBy(m => m.UserId).ToListAsync(),
            Invitations = await db.Invitations.AsNoTracking().OrderBy(i => i.Id).ToListAsync(),
            Addresses = await db.FeedbackAddresses.AsNoTracking().OrderBy(a => a.Id).ToListAsync(),
            Webhooks = await db.WebhookEndpoints.AsNoTracking().OrderBy(e => e.Id).ToListAsync(),
            Deliveries = await db.WebhookDeliveries.AsNoTracking().OrderBy(d => d.Id).ToListAsync(),
            Digests = await db.Digests.AsNoTracking().OrderBy(d => d.Id).ToListAsync(),
            Streams = await db.MailStreams.AsNoTracking().OrderBy(s => s.Id).Select(s => new { s.Id, s.Title, s.OwnerType, s.OperatorType }).ToListAsync(),
            Checks = await db.DomainChecks.AsNoTracking().OrderBy(c => c.Domain).ToListAsync(),
            Links = await db.OneTimeLinks.AsNoTracking().OrderBy(l => l.ExpiresAt).ToListAsync(),
            Mails = await db.Outbox.AsNoTracking().OrderBy(m => m.Id).Select(m => new { m.Id, m.State, m.To }).ToListAsync(),
        }, _plain);
    }
}
