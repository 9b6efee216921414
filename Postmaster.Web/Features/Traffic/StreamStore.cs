using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>What owners and operators say about streams.</summary>
public sealed class StreamStore(IDbContextFactory<PostmasterDb> databases)
{
    /// <summary>Characters of a title.</summary>
    public const int LongestTitle = 80;

    /// <summary>The owner names a stream of the domain. False: the domain has no such stream.</summary>
    /// <param name="title">Empty: it is called by its value again.</param>
    public async Task<bool> NameAsync(string domain, int streamId, string? title, MailType type, CancellationToken ct)
    {
        string line = OutsideWords.Line(title, LongestTitle);
        // The column counts UTF-16 units, people count characters.
        string? name = line.Length == 0 ? null : line.Length <= 100 ? line : line[..100];
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.MailStreams.Where(s => s.Id == streamId && db.MailDomains.Any(d => d.Id == s.DomainId && d.Name == domain))
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.Title, name).SetProperty(s => s.OwnerType, type), ct) > 0;
    }

    /// <summary>An operator says what a stream is, whatever its owner says. False: there is none.</summary>
    /// <param name="type">Unknown: the owner's word counts again.</param>
    public async Task<bool> OverruleAsync(int streamId, MailType type, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.MailStreams.Where(s => s.Id == streamId).ExecuteUpdateAsync(set => set.SetProperty(s => s.OperatorType, type), ct) > 0;
    }
}
