using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>What the streams are for that somebody has said it of.</summary>
internal sealed class StreamTypes
{
    private readonly Dictionary<int, MailType> _types;

    private StreamTypes(Dictionary<int, MailType> types) => _types = types;

    public static async Task<StreamTypes> ReadAsync(PostmasterDb db, CancellationToken ct)
    {
        var typed = await db.MailStreams.AsNoTracking().Where(s => s.OwnerType != MailType.Unknown || s.OperatorType != MailType.Unknown)
            .Select(s => new { s.Id, s.OwnerType, s.OperatorType }).ToListAsync(ct);
        return new StreamTypes(typed.ToDictionary(s => s.Id, s => s.OperatorType != MailType.Unknown ? s.OperatorType : s.OwnerType));
    }

    public bool IsInvitation(KeptStream stream) => Of(stream) == MailType.Invitation;

    /// <summary>Mail that somebody asked for by what they did, or that a person wrote: it may come whatever list was left.</summary>
    public bool MayComeAnyway(ReadOnlySpan<KeptStream> streams)
    {
        foreach (KeptStream stream in streams)
        {
            if (Of(stream) is MailType.Transactional or MailType.Personal)
                return true;
        }

        return false;
    }

    public bool HasInvitation(ReadOnlySpan<KeptStream> streams)
    {
        if (_types.Count == 0)
            return false;
        foreach (KeptStream stream in streams)
        {
            if (IsInvitation(stream))
                return true;
        }

        return false;
    }

    private MailType Of(KeptStream stream) => _types.GetValueOrDefault(stream.Id);
}
