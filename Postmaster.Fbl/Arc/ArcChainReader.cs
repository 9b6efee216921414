using System.Globalization;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Arc;

/// <summary>Gathers the fields of ARC into sets and checks the structure of the chain (RFC 8617 §5.2, steps 1 to 3).</summary>
internal static class ArcChainReader
{
    /// <summary>RFC 8617 §4.2.1.</summary>
    public const int MaxInstance = 50;

    public const string ResultsName = "ARC-Authentication-Results";
    public const string MessageSignatureName = "ARC-Message-Signature";
    public const string SealName = "ARC-Seal";

    /// <param name="sets">By instance from 1; empty when the message has no chain or its structure is broken.</param>
    /// <param name="instance">The set that is to blame, or 0.</param>
    public static ArcProblem Read(HeaderBlock headers, DkimVerifierOptions options, out IReadOnlyList<ArcSet> sets, out int instance)
    {
        sets = [];
        var slots = new int[3][];
        for (var kind = 0; kind < slots.Length; kind++)
        {
            slots[kind] = new int[MaxInstance + 1];
            Array.Fill(slots[kind], -1);
        }

        var problem = Gather(headers, slots, out var highest, out instance);
        if (problem != ArcProblem.None || highest == 0)
            return problem;
        var places = Enumerable.Range(0, highest + 1).Select(i => slots.Select(kind => kind[i]).ToArray()).ToArray();
        for (instance = 1; instance <= highest; instance++)
        {
            // §5.2 (3) A and B: nothing missing in a set, no set missing in the sequence
            if (places[instance].Contains(-1))
                return places[instance].All(position => position < 0) ? ArcProblem.InstanceMissing : ArcProblem.FieldMissing;
        }

        var read = new List<ArcSet>(highest);
        for (var i = 1; i <= highest; i++)
            read.Add(ReadSet(headers, i, places[i], options));
        sets = read;
        return JudgeChainStatus(read, out instance);
    }

    private static ArcProblem Gather(HeaderBlock headers, int[][] slots, out int highest, out int instance)
    {
        (highest, instance) = (0, 0);
        for (var i = 0; i < headers.FieldCount; i++)
        {
            var kind = KindOf(headers[i]);
            if (kind < 0)
                continue;
            if (!TryReadInstance(headers[i], kind, out instance, out var tooHigh))
                return tooHigh ? ArcProblem.TooManyFields : ArcProblem.InstanceUnreadable;
            if (slots[kind][instance] >= 0)
                return ArcProblem.FieldRepeated;
            slots[kind][instance] = i;
            highest = Math.Max(highest, instance);
        }
        return ArcProblem.None;
    }

    private static int KindOf(HeaderField field)
        => field.Is(ResultsName) ? 0 : field.Is(MessageSignatureName) ? 1 : field.Is(SealName) ? 2 : -1;

    /// <summary>RFC 8617 §3.9: "i=" and up to two digits; in ARC-Authentication-Results they come first and end at a semicolon.</summary>
    private static bool TryReadInstance(HeaderField field, int kind, out int instance, out bool tooHigh)
    {
        string? text = null;
        if (kind != 0)
            text = TagList.TryParse(field.RawValue, out var tags, out _) ? tags.Text("i"u8) : null;
        else if (field.Unfolded.IndexOf(';', StringComparison.Ordinal) is var end and > 0 && field.Unfolded[..end].Split('=') is [var name, var value] && name.Trim() is "i")
            text = value.Trim();
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out instance);
        tooHigh = isNumber && instance > MaxInstance;
        return isNumber && instance is >= 1 and <= MaxInstance;
    }

    private static ArcSet ReadSet(HeaderBlock headers, int instance, int[] positions, DkimVerifierOptions options)
    {
        var message = DkimSignatureParser.ReadArcMessageSignature(headers[positions[1]].Raw, instance, options);
        var seal = DkimSignatureParser.ReadArcSeal(headers[positions[2]].Raw, instance, options);
        var tags = TagList.TryParse(headers[positions[2]].RawValue, out var list, out _) ? list : null;
        return new ArcSet
        {
            Instance = instance,
            Results = headers[positions[0]],
            MessageSignatureField = headers[positions[1]],
            MessageSignaturePosition = positions[1],
            SealField = headers[positions[2]],
            MessageSignature = message,
            MessageSignatureProblem = message.Problem != DkimProblem.None ? ArcProblem.MessageSignatureSyntax
                : message.SignedFields.Any(IsForbidden) ? ArcProblem.MessageSignatureCoversSeal : ArcProblem.None,
            Seal = seal,
            SealProblem = tags?.IndexOf("h"u8) >= 0 ? ArcProblem.SealHasSignedFields // §4.1.3
                : seal.Problem != DkimProblem.None ? ArcProblem.SealSyntax : ArcProblem.None,
            ChainStatus = tags?.Text("cv"u8)?.ToUpperInvariant() switch { "NONE" => ArcStatus.None, "PASS" => ArcStatus.Pass, "FAIL" => ArcStatus.Fail, _ => null },
        };
    }

    /// <summary>§4.1.2: the AMS must not cover fields of ARC. (Real sealers do list ARC-Authentication-Results of older sets, which does no harm.)</summary>
    private static bool IsForbidden(string name) => name.Equals(SealName, StringComparison.OrdinalIgnoreCase);

    private static ArcProblem JudgeChainStatus(List<ArcSet> sets, out int instance)
    {
        instance = sets.Count;
        if (sets[^1].ChainStatus == ArcStatus.Fail)
            return ArcProblem.SealSaysFail; // §5.2 (2)
        foreach (var set in sets)
        {
            instance = set.Instance;
            if (set.ChainStatus != (set.Instance == 1 ? ArcStatus.None : ArcStatus.Pass))
                return ArcProblem.ChainStatusWrong; // §5.2 (3) C
        }
        instance = 0;
        return ArcProblem.None;
    }
}
