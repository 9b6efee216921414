using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>The way in while there is no operator: a link that works once, fresh at each start.</summary>
internal sealed class SetupLink(IDbContextFactory<PostmasterDb> databases, OneTimeLinks links, PortalUrl portal)
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(7);

    /// <summary>A new link, all earlier ones revoked; null when there is an operator.</summary>
    public async Task<string?> IssueAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await OneTimeLinks.RevokeAsync(db, LinkPurpose.OperatorSetup, Guid.Empty, ct);
        if (await db.Users.AnyAsync(u => u.IsOperator, ct))
            return null;
        string token = links.Issue(db, LinkPurpose.OperatorSetup, Guid.Empty, _lifetime);
        await db.SaveChangesAsync(ct);
        return portal.To($"/setup/{token}");
    }

    /// <summary>Whether a link still works.</summary>
    public async Task<bool> WorksAsync(string token, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await links.PeekAsync(db, LinkPurpose.OperatorSetup, token, ct) is not null;
    }
}

/// <summary>Prints the link once the server listens and knows its address.</summary>
internal sealed class SetupLinkPrinter(SetupLink setup) : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (await setup.IssueAsync(cancellationToken) is { } link)
            await Console.Out.WriteLineAsync($"Make the first operator account: {link}");
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
