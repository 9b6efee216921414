using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Accounts;

public sealed class AccountSweeperTests
{
    [Fact]
    public async Task Accounts_never_confirmed_and_links_whose_time_is_over_are_forgotten_and_the_others_stay()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        PortalUser owner = await app.EnsureUserAsync("owner@mail.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            await db.OneTimeLinks.ExecuteDeleteAsync();
            db.Users.Add(new PortalUser { UserName = "never@mail.example", Email = "never@mail.example", CreatedAt = app.Time.GetUtcNow() });
            app.Services.GetRequiredService<OneTimeLinks>().Issue(db, LinkPurpose.ChoosePassword, owner.Id, TimeSpan.FromDays(1));
            app.Services.GetRequiredService<OneTimeLinks>().Issue(db, LinkPurpose.AcceptInvitation, owner.Id, TimeSpan.FromDays(40));
            await db.SaveChangesAsync();
        }

        app.Time.Advance(TimeSpan.FromDays(20));
        await app.Services.GetRequiredService<AccountSweeper>().SweepAsync(CancellationToken.None);

        await using PostmasterDb after = await app.OpenDbAsync();
        Assert.Equal(["owner@mail.example"], await after.Users.Select(u => u.Email).ToListAsync());
        Assert.Equal([LinkPurpose.AcceptInvitation], await after.OneTimeLinks.Select(l => l.Purpose).ToListAsync());
    }
}
