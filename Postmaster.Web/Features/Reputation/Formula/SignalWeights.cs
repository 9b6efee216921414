using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>
/// How many points each signal costs at its bad anchor; together 100. They depend on what the mail is for: people delete reminders and
/// receipts unread without minding them, while an invitation to an address that does not exist was sent to a guess.
/// </summary>
public sealed class SignalWeights
{
    /// <summary>In the order of <see cref="Signal"/>: unknown users, complaints, traps, deleted unread, authentication.</summary>
    private static readonly Dictionary<MailType, double[]> Table = new()
    {
        [MailType.Unknown] = [20, 40, 20, 10, 10],
        [MailType.Marketing] = [15, 40, 20, 20, 5],
        [MailType.Transactional] = [15, 45, 20, 5, 15],
        [MailType.Social] = [20, 45, 15, 5, 15],
        [MailType.Invitation] = [25, 40, 20, 5, 10],
        [MailType.List] = [15, 45, 15, 10, 15],
        [MailType.Personal] = [20, 45, 15, 5, 15],
    };

    private readonly double[] _points;

    private SignalWeights(double[] points) => _points = points;

    /// <summary>Points at the bad anchor. Rescues have no weight: <see cref="ReputationFormula.RescuePoints"/>.</summary>
    public double this[Signal signal] => _points[(int)signal];

    public double Sum => _points.Sum();

    public static SignalWeights Of(MailType type) => new(Table[type]);

    /// <summary>The weights of mail of several types: their mean, each type by its share.</summary>
    public static SignalWeights Of(TypeMix mix) =>
        new([.. ReputationFormula.Costing.Select(rule => mix.Shares.Sum(share => share.Share * Table[share.Type][(int)rule.Signal]))]);
}

/// <summary>The part of the mail that is of one type.</summary>
/// <param name="Share">0 to 1.</param>
public sealed record TypeShare(MailType Type, double Share);

/// <summary>What a sender's mail consists of, by mail type.</summary>
/// <param name="Shares">Together 1, the largest first; never empty.</param>
public sealed record TypeMix(IReadOnlyList<TypeShare> Shares)
{
    public static TypeMix Only(MailType type) => new([new TypeShare(type, 1)]);

    /// <summary>
    /// The mix of a domain. Its streams overlap (the same message has a selector and a list), so one kind of stream is taken: that whose
    /// streams of a named type hold most mail. Mail that they do not cover is of the domain's own type.
    /// </summary>
    /// <param name="whole">Mail of the domain; 0 or more.</param>
    /// <param name="wholeType">What the owner says of the domain as a whole.</param>
    /// <param name="streams">Kind, type and mail of each stream.</param>
    public static TypeMix Of(double whole, MailType wholeType, IEnumerable<(StreamKind Kind, MailType Type, double Mail)> streams)
    {
        Dictionary<MailType, double> named = streams.Where(s => s.Type != MailType.Unknown && s.Mail > 0)
            .GroupBy(s => s.Kind).OrderByDescending(kind => kind.Sum(s => s.Mail)).ThenBy(kind => kind.Key).FirstOrDefault()
            ?.GroupBy(s => s.Type).ToDictionary(type => type.Key, type => type.Sum(s => s.Mail)) ?? [];
        double covered = named.Values.Sum();
        double rest = Math.Max(0, whole - covered);
        if (rest > 0)
            named[wholeType] = named.GetValueOrDefault(wholeType) + rest;
        double all = named.Values.Sum();
        return all > 0
            ? new TypeMix([.. named.OrderByDescending(n => n.Value).ThenBy(n => n.Key).Select(n => new TypeShare(n.Key, n.Value / all))])
            : Only(wholeType);
    }
}
