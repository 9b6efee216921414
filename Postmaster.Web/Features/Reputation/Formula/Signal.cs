namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>What is counted about a sender's mail, in the order of the tables.</summary>
public enum Signal
{
    UnknownUsers,
    Complaints,
    Traps,
    DeletedUnread,
    Authentication,

    /// <summary>Gives points back; all others take them.</summary>
    Rescues,
}

/// <summary>How one signal is measured: the same for every kind of mail. What it weighs is in <see cref="SignalWeights"/>.</summary>
/// <param name="Key">Its name in stored causes and in exports; never changed.</param>
/// <param name="Counted">What the count is of, in the plural.</param>
/// <param name="Of">What it is a share of, in the plural.</param>
/// <param name="Good">The anchor up to which it costs nothing, as a share.</param>
/// <param name="Bad">The anchor at which it costs its whole weight; beyond it goes on in the same line.</param>
/// <param name="PriorRate">What is believed of a sender of whom nothing is known, as a share: below the good anchor, so that nobody loses points for being small.</param>
/// <param name="PriorMail">How many messages that belief is worth: the weight of the Beta prior.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record SignalRule(
    Signal Signal, string Key, string Title, string Counted, string Of, double Good, double Bad, double PriorRate, double PriorMail, string Advice)
{
    /// <summary>
    /// The mean of the Beta posterior: prior Beta(<see cref="PriorRate"/> × <see cref="PriorMail"/>, (1 - <see cref="PriorRate"/>) × <see cref="PriorMail"/>)
    /// and the decayed counts as its observations.
    /// </summary>
    public double Smooth(Tally tally) => (tally.WeightedCount + (PriorRate * PriorMail)) / (tally.WeightedTotal + PriorMail);

    /// <summary>0 at the good anchor, 1 at the bad one, straight on beyond it.</summary>
    public double Loss(double smoothed) => Math.Max(0, (smoothed - Good) / (Bad - Good));

    /// <summary>The decayed rate that would lose so much if all else stayed: <see cref="Loss"/> and <see cref="Smooth"/> solved for the count.</summary>
    public double RateAt(double loss, double weightedTotal)
    {
        double smoothed = Good + (loss * (Bad - Good));
        return ((smoothed * (weightedTotal + PriorMail)) - (PriorRate * PriorMail)) / weightedTotal;
    }
}
