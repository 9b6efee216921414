using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Api;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Api;

/// <summary>The description of the interface is what the interface does: its routes, its queries and its answers.</summary>
public sealed class ApiDescriptionTests
{
    private static async Task<JsonElement> DocumentAsync(PostmasterApp app)
    {
        using var http = new HttpClient { BaseAddress = app.Address };
        HttpResponseMessage answer = await http.GetAsync(new Uri("/api/openapi.json", UriKind.Relative));
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    [Fact]
    public async Task Every_route_and_method_of_the_interface_is_described_and_none_that_is_not_there()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        JsonElement document = await DocumentAsync(app);
        Assert.Equal(("3.1.0", app.Address.ToString().TrimEnd('/')), (document.GetProperty("openapi").GetString(), document.GetProperty("servers")[0].GetProperty("url").GetString()));
        IEnumerable<string> described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(o => o.Name is not "parameters").Select(o => $"{o.Name.ToUpperInvariant()} {path.Name}"));
        IEnumerable<string> mapped = app.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/api/domains/", StringComparison.Ordinal) == true)
            .SelectMany(e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText!.Replace(":guid", "", StringComparison.Ordinal).TrimEnd('/')}"));
        Assert.Equal(mapped.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_described_query_is_read()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        JsonElement document = await DocumentAsync(app);
        foreach (string reference in References(document))
        {
            JsonElement at = document;
            foreach (string name in reference.Split('/').Skip(1))
                Assert.True(at.TryGetProperty(name, out at), reference);
        }

        await app.ClaimAsync("owner.example", "owner@mail.example");
        PortalUser user = await app.EnsureUserAsync("owner@mail.example");
        string key = Assert.IsType<NewApiKey.Made>(await app.Services.GetRequiredService<ApiKeyStore>().CreateAsync(user.Id, "tests", ApiScope.Read, new RequestOrigin("192.0.2.9"), default)).Key;
        using var http = new HttpClient { BaseAddress = app.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        // A parameter that is not read is not refused either: each of these has a value that is.
        string[] strict = ["cursor", "limit", "from", "to", "type", "handled", "withdrawn"];
        foreach (string name in strict)
            Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri($"/api/domains/owner.example/complaints?{name}=!", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri($"/api/domains/owner.example/complaints?q={new string('x', 201)}", UriKind.Relative))).StatusCode);
        string[] queries = [.. document.GetProperty("components").GetProperty("parameters").EnumerateObject().Where(p => p.Value.GetProperty("in").GetString() is "query").Select(p => p.Name)];
        Assert.Equal([.. strict.Append("q").Append("signing_domain").Order(StringComparer.Ordinal)], queries.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Complaint", typeof(ComplaintJson))]
    [InlineData("Complaints", typeof(ComplaintsJson))]
    [InlineData("Handled", typeof(HandledJson))]
    [InlineData("Record", typeof(ReportRecord))]
    public async Task Every_field_of_an_answer_is_described_and_required(string schema, Type answer)
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        JsonElement described = (await DocumentAsync(app)).GetProperty("components").GetProperty("schemas").GetProperty(schema);
        IEnumerable<string> written = answer.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(p => p.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)).Order(StringComparer.Ordinal);
        Assert.Equal(written, described.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(written, described.GetProperty("required").EnumerateArray().Select(r => r.GetString()!).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.Name is "$ref" ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
