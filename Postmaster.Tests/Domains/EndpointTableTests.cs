using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AngleSharp.Dom;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Groups;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Api;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>
/// Two accounts with a domain each. All endpoints come from the running product: one that is in no table fails here until somebody has written down whose it is,
/// and those of a domain are tried by the other account with its own cookie, its own key, and the first one's identifiers.
/// </summary>
public sealed class EndpointTableTests : IAsyncLifetime
{
    private const string Owned = GroupKit.Domain, Evil = "evil.example", Eve = "eve@evil.example", Member = "ann@one.example", Subject = "Offer one";

    /// <summary>Of one domain, beside its pages, which <see cref="RouteAccessTests"/> has in a table of its own: by cookie, and by key.</summary>
    private static readonly string[] OfDomain =
    [
        "POST /domains/{domain}/feedback/redaction-key", "GET /domains/{domain}/complaints/{id:guid}/report.eml",
        "GET /api/domains/{domain}/complaints", "GET /api/domains/{domain}/complaints.csv", "GET /api/domains/{domain}/complaints/{id:guid}/report", "POST,DELETE /api/domains/{domain}/complaints/{id:guid}/handled",
    ];

    /// <summary>For whoever holds a link of a mail.</summary>
    private static readonly string[] ByToken =
    [
        "GET /api/digest/leave/{token}", "POST /api/digest/leave/{token}", "GET /cfbl/refuse/{token}", "POST /cfbl/refuse/{token}", "GET,POST /cfbl/{Token}", "GET,POST /digest/{Token}", "GET,POST /digest/leave/{Token}",
        "GET,POST /feedback-address/{Token}", "GET,POST /join-group/{Token}", "GET,POST /leave-group/{Token}", "POST /leave-group/{token}", "GET,POST /password/{Token}", "GET,POST /samples/shared/{Token}",
        "GET,POST /setup/{Token}", "GET,POST /stop-reports/{Token}", "POST /stop-reports/{token}", "GET,POST /invitations/{Token}",
    ];

    private static readonly string[] OfOperators =
    [
        "GET,POST /operator", "GET,POST /operator/complaints", "GET,POST /operator/complaints/{Id:guid}", "GET,POST /operator/domains", "GET,POST /operator/domains/{ClaimId:guid}", "GET,POST /operator/feeders",
        "GET,POST /operator/history", "GET,POST /operator/invited", "GET,POST /operator/queue", "GET,POST /operator/streams/{Stream:int}",
    ];

    /// <summary>Of the account that asks, of the mail server with its token, or of everybody: none names somebody's domain.</summary>
    private static readonly string[] OfNoDomain =
    [
        "GET,POST /account", "GET,POST /account/keys", "GET,POST /account/password", "GET,POST /account/second-factor", "GET,POST /domains", "GET,POST /samples", "GET,POST /samples/{Id:guid}", "GET /samples/{id:guid}/state",
        "GET /samples/check", "POST /samples/check", "POST /sign-out", "POST /theme", "POST /api/intake/complaints", "POST /api/intake/events", "POST /api/intake/rspamd", "GET /health", "GET /api/openapi.json", "GET /_framework/opaque-redirect",
        "GET,POST /", "GET,POST /check-mail", "GET,POST /forgotten-password", "GET,POST /help", "GET,POST /help/{Name}", "GET,POST /not-found", "GET,POST /sign-in", "GET,POST /sign-in/code", "GET,POST /sign-up", "GET,POST /status/{Code:int}",
    ];

    private GroupKit _kit = default!;
    private DomainClaim _evil = default!;
    private Guid _complaint;
    private string _key = "";

    public async Task InitializeAsync()
    {
        _kit = await GroupKit.StartAsync(Member);
        await _kit.ComeBackAsync("one", Member);
        _evil = await _kit.App.ClaimAsync(Evil, Eve, "fbl@evil.example");
        Assert.True(await _kit.Store.CreateAsync(_evil.Id, _evil.OwnerId, CancellationToken.None));
        DateTimeOffset now = _kit.App.Time.GetUtcNow();
        await using PostmasterDb db = await _kit.App.OpenDbAsync();
        _complaint = await db.Complaints.Select(c => c.Id).SingleAsync();
        foreach (DomainClaim claim in (DomainClaim[])[_kit.Claim, _evil])
        {
            var hook = new WebhookEndpoint { ClaimId = claim.Id, Url = $"https://hook.{claim.Domain}/", State = WebhookState.Off, SealedSecret = [1], CreatedBy = claim.OwnerId, CreatedAt = now, DueAt = now };
            db.AddRange(hook, new Digest { ClaimId = claim.Id, Address = $"digest@{claim.Domain}", RequestedBy = claim.OwnerId, RequestedAt = now, ConfirmedAt = now, Hour = 6, NextAt = now.AddDays(1), RateKey = $"digest@{claim.Domain}" });
            if (claim == _kit.Claim)
                db.Add(new WebhookDelivery { EndpointId = hook.Id, ComplaintId = _complaint, State = WebhookDeliveryState.Failed, CreatedAt = now, DueAt = now, EndedAt = now });
        }

        await db.SaveChangesAsync();
        _key = Assert.IsType<NewApiKey.Made>(await _kit.App.Services.GetRequiredService<ApiKeyStore>().CreateAsync(_evil.OwnerId, "tests", ApiScope.Handle, new RequestOrigin("192.0.2.9"), CancellationToken.None)).Key;
    }

    public async Task DisposeAsync() => await _kit.DisposeAsync();

    [Fact]
    public void Every_endpoint_is_in_a_table()
    {
        string[] all = [.. Endpoints().Where(e => !RouteAccessTests.HasPage(e.Pattern)).Select(e => $"{e.Methods} {e.Pattern}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.Equal(OfDomain.Concat(ByToken).Concat(OfOperators).Concat(OfNoDomain).Order(StringComparer.Ordinal), all);
        // Whatever names a domain, a complaint of one or a link in its address is in one of the first tables.
        Assert.DoesNotContain(OfNoDomain, e => e.Contains("{domain}", StringComparison.OrdinalIgnoreCase) || e.Contains("{token}", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_other_account_gets_nothing_of_the_domain_at_any_endpoint_and_nothing_of_it_under_its_own_name()
    {
        using PortalVisitor eve = await _kit.App.SignedInAsync(Eve);
        string before = await StateAsync();
        int tried = 0;
        foreach ((string methods, string pattern) in Endpoints().Where(e => e.Pattern.Contains("{domain}", StringComparison.OrdinalIgnoreCase)))
        {
            bool named = pattern.Contains(":guid", StringComparison.OrdinalIgnoreCase);
            foreach (string domain in named ? (string[])[Owned, Evil] : [Owned])
            {
                string path = pattern.Replace("{domain}", domain, StringComparison.OrdinalIgnoreCase).Replace("{id:guid}", _complaint.ToString(), StringComparison.OrdinalIgnoreCase).Replace("{stream:int}", "1", StringComparison.OrdinalIgnoreCase);
                foreach (string method in methods.Split(','))
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
                    if (path.StartsWith("/api/", StringComparison.Ordinal))
                        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
                    using HttpResponseMessage answer = await eve.Http.SendAsync(request);
                    string text = await answer.Content.ReadAsStringAsync();
                    Assert.True((int)answer.StatusCode is 400 or 403 or 404, $"{method} {path}: {answer.StatusCode}");
                    Assert.DoesNotContain(Subject, text, StringComparison.Ordinal);
                    Assert.DoesNotContain(Member, text, StringComparison.Ordinal);
                    tried++;
                }
            }
        }

        Assert.True(tried > 40, $"only {tried} tries");
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task The_forms_of_a_domain_with_its_identifiers_do_nothing_when_they_are_posted_under_another_domain()
    {
        using PortalVisitor eve = await _kit.App.SignedInAsync(Eve), owner = await _kit.App.SignedInAsync(GroupKit.Owner);
        string before = await StateAsync();
        int tried = 0;
        foreach (string pattern in Endpoints().Select(e => e.Pattern).Where(p => p.StartsWith("/domains/{", StringComparison.OrdinalIgnoreCase) && RouteAccessTests.HasPage(p) && !p.Contains('.', StringComparison.Ordinal)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            string path = pattern.Replace("{id:guid}", _complaint.ToString(), StringComparison.OrdinalIgnoreCase).Replace("{stream:int}", "1", StringComparison.OrdinalIgnoreCase);
            PortalPage page = await owner.GetAsync(path.Replace("{domain}", Owned, StringComparison.OrdinalIgnoreCase));
            if (page.Status != HttpStatusCode.OK)
                continue;
            string token = (await eve.GetAsync("/domains")).Document.QuerySelector("main input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
            foreach (IElement form in page.Document.QuerySelectorAll("main form[method=post]"))
            {
                List<KeyValuePair<string, string>> fields = [.. form.QuerySelectorAll("input[name], button[name]").Select(i => new KeyValuePair<string, string>(i.GetAttribute("name")!, i.GetAttribute("value") ?? ""))
                    .Where(f => f.Key is not "__RequestVerificationToken"), new("__RequestVerificationToken", token)];
                using var content = new FormUrlEncodedContent(fields);
                string action = form.GetAttribute("action") is { Length: > 0 } named ? named.Replace(Owned, Evil, StringComparison.Ordinal) : path.Replace("{domain}", Evil, StringComparison.OrdinalIgnoreCase);
                using HttpResponseMessage answer = await eve.Http.PostAsync(new Uri(action, UriKind.RelativeOrAbsolute), content);
                Assert.DoesNotContain(Member, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                tried++;
            }
        }

        Assert.True(tried >= 15, $"only {tried} forms");
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task A_guessed_link_tells_nothing_and_changes_nothing()
    {
        using PortalVisitor visitor = _kit.App.NewVisitor(), eve = await _kit.App.SignedInAsync(Eve);
        string before = await StateAsync();
        foreach (string entry in ByToken)
        {
            string pattern = entry[(entry.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            foreach (string guess in (string[])["0", new string('0', 40), new string('a', 64), _complaint.ToString("N"), _kit.Claim.Id.ToString(), "%2e%2e%2foperator", new string('x', 2000)])
            {
                string path = pattern.Replace("{token}", guess, StringComparison.OrdinalIgnoreCase);
                foreach (string method in entry[..entry.IndexOf(' ', StringComparison.Ordinal)].Split(','))
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
                    if (method is "POST")
                        request.Content = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click"), new("leave", "1"), new("address", Member)]);
                    using HttpResponseMessage answer = await (entry.Contains("/invitations/", StringComparison.Ordinal) ? eve : visitor).Http.SendAsync(request);
                    string text = await answer.Content.ReadAsStringAsync();
                    Assert.True((int)answer.StatusCode < 500, $"{method} {path}: {answer.StatusCode}");
                    Assert.DoesNotContain(Owned, text, StringComparison.Ordinal);
                }
            }
        }

        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task An_owner_is_no_operator()
    {
        using PortalVisitor eve = await _kit.App.SignedInAsync(Eve);
        foreach (string entry in OfOperators)
        {
            string path = entry[(entry.IndexOf(' ', StringComparison.Ordinal) + 1)..].Replace("{Id:guid}", _complaint.ToString(), StringComparison.Ordinal)
                .Replace("{ClaimId:guid}", _kit.Claim.Id.ToString(), StringComparison.Ordinal).Replace("{Stream:int}", "1", StringComparison.Ordinal);
            foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
            {
                using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
                using HttpResponseMessage answer = await eve.Http.SendAsync(request);
                Assert.True((int)answer.StatusCode is 400 or 403 or 404 or 302, $"{method} {path}: {answer.StatusCode}");
                Assert.DoesNotContain(Owned, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    private IEnumerable<(string Methods, string Pattern)> Endpoints() => _kit.App.Services.GetServices<EndpointDataSource>().Concat(((IEndpointRouteBuilder)_kit.App.Host).DataSources)
        .SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
        .Select(e => (string.Join(',', e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["any"]), "/" + e.RoutePattern.RawText!.Trim('/'))).Distinct();

    /// <summary>What belongs to the first account.</summary>
    private async Task<string> StateAsync()
    {
        await using PostmasterDb db = await _kit.App.OpenDbAsync();
        Guid claim = _kit.Claim.Id;
        return JsonSerializer.Serialize(new
        {
            Claims = await db.Claims.AsNoTracking().IgnoreQueryFilters().Where(c => c.Id == claim).ToListAsync(),
            Members = await db.Members.AsNoTracking().Where(m => m.ClaimId == claim).ToListAsync(),
            Addresses = await db.FeedbackAddresses.AsNoTracking().Where(a => a.ClaimId == claim).ToListAsync(),
            Settings = await db.FeedbackSettings.AsNoTracking().Where(s => s.ClaimId == claim).ToListAsync(),
            Groups = await db.FeedbackGroups.AsNoTracking().Where(g => g.ClaimId == claim).ToListAsync(),
            GroupMembers = await db.GroupMembers.AsNoTracking().Where(m => m.Address == Member).ToListAsync(),
            Webhooks = await db.WebhookEndpoints.AsNoTracking().Where(e => e.ClaimId == claim).ToListAsync(),
            Deliveries = await db.WebhookDeliveries.AsNoTracking().ToListAsync(),
            Digests = await db.Digests.AsNoTracking().Where(d => d.ClaimId == claim).ToListAsync(),
            Complaints = await db.Complaints.AsNoTracking().Where(c => c.Domain == Owned).Select(c => new { c.Id, c.HandledAt, c.HandledBy }).ToListAsync(),
            Reports = await db.Outbox.AsNoTracking().Where(m => m.Kind != OutboxKind.Notice && db.ReportDeliveries.Any(d => d.OutboxId == m.Id)).Select(m => new { m.Id, m.State }).ToListAsync(),
            Audit = await db.AuditEntries.AsNoTracking().CountAsync(a => a.ClaimId == claim),
        });
    }
}
