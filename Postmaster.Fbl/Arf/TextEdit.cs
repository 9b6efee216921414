using System.Buffers;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Arf;

/// <summary>Octets of a text that give way to others.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TextEdit(int Start, int Length, byte[] Replacement)
{
    public int End => Start + Length;
}

/// <summary>What was found in one text: edits in order that do not touch each other.</summary>
/// <param name="Edits">Null for none.</param>
/// <param name="More">Some overlapped others and were put off: look again when these are made.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FoundEdits(List<TextEdit>? Edits, bool More)
{
    public static FoundEdits Of(List<TextEdit>? first, List<TextEdit>? second)
    {
        if (second is null || second.Count == 0)
            return new FoundEdits(first, false);
        List<TextEdit> all = first is null ? second : [.. first, .. second];
        if (all.Count == 1)
            return new FoundEdits(all, false);
        all.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        var kept = new List<TextEdit>(all.Count);
        foreach (var edit in all)
        {
            if (kept.Count == 0 || edit.Start >= kept[^1].End)
                kept.Add(edit);
        }
        return new FoundEdits(kept, kept.Count < all.Count);
    }

    public static byte[] Apply(ReadOnlySpan<byte> text, List<TextEdit> edits)
    {
        var output = new ArrayBufferWriter<byte>(text.Length + (edits.Count * 32));
        Apply(text, edits, output);
        return output.WrittenSpan.ToArray();
    }

    public static void Apply(ReadOnlySpan<byte> text, List<TextEdit> edits, IBufferWriter<byte> output)
    {
        var copied = 0;
        foreach (var edit in edits)
        {
            output.Write(text[copied..edit.Start]);
            output.Write(edit.Replacement);
            copied = edit.End;
        }
        output.Write(text[copied..]);
    }
}
