using System.Text.Json;
using Postmaster.Web.Features.Reputation.Formula;

namespace Postmaster.Web.Features.Reputation;

/// <summary>Points by signal as <see cref="Model.ReputationDay.Causes"/> holds them: <c>{"complaints":24.1,"rescues":-2}</c>, nothing for signals without any.</summary>
public static class StoredCauses
{
    private static readonly Dictionary<string, Signal> Signals =
        Enum.GetValues<Signal>().ToDictionary(s => ReputationFormula.RuleOf(s).Key, StringComparer.Ordinal);

    public static string Write(ScoreSheet sheet) => JsonSerializer.Serialize(
        Of(sheet).OrderBy(c => c.Key).ToDictionary(c => ReputationFormula.RuleOf(c.Key).Key, c => c.Value, StringComparer.Ordinal));

    /// <summary>Names that are not known (any more) are left out.</summary>
    public static IReadOnlyDictionary<Signal, double> Read(string json)
    {
        try
        {
            Dictionary<string, double> points = JsonSerializer.Deserialize<Dictionary<string, double>>(json) ?? [];
            return points.Where(p => Signals.ContainsKey(p.Key)).ToDictionary(p => Signals[p.Key], p => p.Value);
        }
        catch (JsonException)
        {
            return new Dictionary<Signal, double>();
        }
    }

    /// <summary>Points by signal to two places.</summary>
    public static IReadOnlyDictionary<Signal, double> Of(ScoreSheet sheet) => sheet.Signals.Append(sheet.Rescues)
        .Select(s => (s.Signal, Points: Math.Round(s.PointsLost, 2))).Where(s => s.Points != 0).ToDictionary(s => s.Signal, s => s.Points);
}
