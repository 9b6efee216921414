using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

public sealed class ClaimMapTests
{
    [Fact]
    public async Task The_map_in_memory_answers_as_the_database_does()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        var random = new Random(4);
        string[] labels = ["a", "b", "c"];
        string[] names = [.. labels.Select(l => l + ".example"), .. labels.SelectMany(l => labels.Select(m => $"{m}.{l}.example"))];
        PortalUser[] owners = [await app.EnsureUserAsync("one@x.example"), await app.EnsureUserAsync("two@x.example"), await app.EnsureUserAsync("three@x.example")];
        DateTimeOffset now = app.Time.GetUtcNow();
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            foreach ((PortalUser owner, string name) in owners.SelectMany(o => names.Select(n => (o, n))).Where(_ => random.Next(3) == 0))
            {
                var claim = new DomainClaim { OwnerId = owner.Id, Domain = name, Token = Challenge.NewToken(), CreatedAt = now.AddSeconds(random.Next(100)), NextCheckAt = null };
                string? parent = name.Count(c => c == '.') > 1 && random.Next(2) == 0 ? name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..] : null;
                if (random.Next(5) > 0)
                    claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found", parent), now, TimeSpan.FromDays(7));
                if (random.Next(10) == 0)
                    claim.Remove(now);
                db.Claims.Add(claim);
            }

            await db.SaveChangesAsync();
        }

        var queries = app.Services.GetRequiredService<ClaimQueries>();
        ClaimMap map = await queries.MapAsync(CancellationToken.None);
        int claimed = 0;
        foreach (string name in names.SelectMany(n => (string[])[n, "deep.er." + n]).Append("example").Append("other.example"))
        {
            DomainName domain = DomainName.Parse(name);
            string[] expected = [.. (await queries.FindCoveringAsync([domain], CancellationToken.None)).Select(c => c.ClaimedDomain).Distinct(StringComparer.Ordinal)];
            Assert.Equal(expected, map.CountedFor(domain));
            claimed += expected.Length;
        }

        Assert.True(claimed > 10);
    }
}
