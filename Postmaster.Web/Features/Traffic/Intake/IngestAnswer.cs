using System.Text.Json;
using System.Text.Json.Serialization;
using Postmaster.Web.Features.Traffic.Commit;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <param name="Line">From 1.</param>
public sealed record RefusedLine(int Line, string Problem);

/// <summary>What a feeder is answered, and what is kept for a repetition of its batch.</summary>
/// <param name="Accepted">Lines that were taken.</param>
/// <param name="Bad">Lines that were not; the first hundred are in <paramref name="Problems"/>.</param>
/// <param name="Duplicate">The batch was counted before; the numbers are those of that time.</param>
/// <param name="Unjoined">Taken, but it is not known whose message they speak of.</param>
/// <param name="Unattributed">Taken, but they name no domain that their mail could count for.</param>
public sealed record IngestAnswer(int Accepted, int Bad, bool Duplicate, int Unjoined, int Unattributed, IReadOnlyList<RefusedLine> Problems)
{
    /// <summary>To what had nothing to count.</summary>
    public static readonly IngestAnswer Nothing = new(0, 0, false, 0, 0, []);

    internal static IngestAnswer Of(EventDelta batch) => new(
        batch.Accepted, batch.Bad, false, batch.Unjoined, batch.Unattributed, [.. batch.Problems.Select(p => new RefusedLine(p.Line, p.Problem.Words))]);

    public string ToJson() => JsonSerializer.Serialize(this, IngestJson.Default.IngestAnswer);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null for anything else.</summary>
    public static IngestAnswer? FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, IngestJson.Default.IngestAnswer) is { Problems: not null } answer ? answer : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IngestAnswer))]
internal sealed partial class IngestJson : JsonSerializerContext;
