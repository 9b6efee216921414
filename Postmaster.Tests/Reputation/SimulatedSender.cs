using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>How a sender behaves on one day: mail a day and what becomes of it, as shares.</summary>
internal sealed record Conduct(int Mail)
{
    /// <summary>Of the mail; the rest exists.</summary>
    public double Unknown { get; init; } = 0.005;

    /// <summary>Of what is delivered.</summary>
    public double Junked { get; init; } = 0.01;

    /// <summary>Of what is put into the inbox.</summary>
    public double Complaints { get; init; } = 0.0003;

    /// <summary>As many complaints, whatever chance says.</summary>
    public int? ComplaintsExactly { get; init; }

    public double DeletedUnread { get; init; } = 0.25;

    /// <summary>Of what is put into the spam folder.</summary>
    public double Rescued { get; init; } = 0.002;

    /// <summary>Of the mail.</summary>
    public double Trapped { get; init; }

    public double Unauthenticated { get; init; } = 0.005;
}

/// <summary>A sender whose days are drawn by chance from its conduct, and judged day by day as the worker does.</summary>
internal static class SimulatedSender
{
    public static readonly DateOnly Begin = new(2026, 3, 1);

    /// <summary>The levels and scores of days 1, 2, 3 and so on.</summary>
    /// <param name="conduct">By day, beginning with 1; null: no mail.</param>
    public static IReadOnlyList<DayVerdict> Judge(int days, int seed, Func<int, Conduct?> conduct, MailType type = MailType.Marketing)
    {
        var random = new Random(seed);
        var counts = new Dictionary<DateOnly, TrafficCounts>();
        for (int day = 1; day <= days; day++)
        {
            if (conduct(day) is { } today)
                counts[Begin.AddDays(day - 1)] = Draw(today, random);
        }

        return VerdictWalk.Run(FlooredDays.Whole(counts, floor: 20), SignalWeights.Of(type), [], Begin, Begin.AddDays(days - 1));
    }

    /// <summary>How often the level changes.</summary>
    public static int Changes(IEnumerable<DayVerdict> verdicts)
    {
        ReputationLevel[] levels = [.. verdicts.Select(v => v.Level)];
        return levels.Zip(levels.Skip(1)).Count(pair => pair.First != pair.Second);
    }

    private static TrafficCounts Draw(Conduct conduct, Random random)
    {
        var counts = new TrafficCounts();
        int unknown = Binomial(conduct.Mail, conduct.Unknown, random), trapped = Binomial(conduct.Mail, conduct.Trapped, random);
        int delivered = conduct.Mail - unknown, junked = Binomial(delivered, conduct.Junked, random), inbox = delivered - junked;
        counts[TrafficCounter.RejectedUnknownUser] = unknown;
        counts[TrafficCounter.Trap] = trapped;
        counts[TrafficCounter.DeliveredSpam] = junked;
        counts[TrafficCounter.DeliveredInbox] = inbox;
        counts[TrafficCounter.Complaint] = conduct.ComplaintsExactly ?? Binomial(inbox, conduct.Complaints, random);
        counts[TrafficCounter.DeletedUnread] = Binomial(inbox, conduct.DeletedUnread, random);
        counts[TrafficCounter.NotSpam] = Binomial(junked, conduct.Rescued, random);
        counts[TrafficCounter.DmarcKnown] = delivered;
        counts[TrafficCounter.DmarcPass] = delivered - Binomial(delivered, conduct.Unauthenticated, random);
        for (int i = 0; i < Math.Min(delivered, 1000); i++)
            counts.Recipients = counts.Recipients.With((ulong)random.NextInt64());
        return counts;
    }

    /// <summary>Exact for small expectations (Poisson), by the normal curve for large ones.</summary>
    private static int Binomial(int trials, double share, Random random)
    {
        double mean = trials * share;
        if (mean <= 0)
            return 0;
        if (mean < 50)
        {
            double limit = Math.Exp(-mean), product = random.NextDouble();
            int drawn = 0;
            for (; product > limit; drawn++)
                product *= random.NextDouble();
            return Math.Min(trials, drawn);
        }

        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return Math.Clamp((int)Math.Round(mean + (normal * Math.Sqrt(mean * (1 - share)))), 0, trials);
    }
}
