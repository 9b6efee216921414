using System.Text;
using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Features.Samples.Pages;

/// <param name="Text">Fit to be looked at; line ends are LF.</param>
/// <param name="Label">What marked octets are; null for what stands around them.</param>
public sealed record EvidencePart(string Text, bool IsMarked, string? Label = null);

/// <summary>
/// Cuts the octets that a finding speaks of out of the raw mail, with a little of what stands around them. Controls, stray line ends and octets
/// that are no UTF-8 are shown by visible signs; nothing is decoded or left out without saying so.
/// </summary>
internal static class EvidenceText
{
    /// <summary>Marked places shown of one finding; more of them say the same.</summary>
    public const int MaxRanges = 4;

    private const int Around = 90, MarkedHead = 260, MarkedTail = 80;

    public static IReadOnlyList<EvidencePart> Cut(ReadOnlySpan<byte> mail, IEnumerable<ByteRange> ranges)
    {
        var parts = new List<EvidencePart>();
        bool crlf = mail.IndexOf("\r\n"u8) >= 0;
        int shown = 0;
        foreach (ByteRange range in ranges.OrderBy(r => r.Offset).Take(MaxRanges))
        {
            int start = Math.Clamp(range.Offset, 0, mail.Length), end = Math.Clamp((int)Math.Min((long)start + range.Length, int.MaxValue), start, mail.Length);
            if (start < shown || start == mail.Length)
                continue; // inside what stands there already
            int from = Math.Max(shown, LineStart(mail, start)), to = LineEnd(mail, end);
            if (from > shown)
                AddGap(parts, from - shown);
            parts.Add(new EvidencePart(Show(mail[from..start], crlf), IsMarked: false));
            AddMarked(parts, mail[start..end], range.Label, crlf);
            parts.Add(new EvidencePart(Show(mail[end..to], crlf), IsMarked: false));
            shown = to;
        }

        if (parts.Count > 0 && shown < mail.Length)
            AddGap(parts, mail.Length - shown);
        return [.. parts.Where(p => p.Text.Length > 0)];
    }

    private static void AddMarked(List<EvidencePart> parts, ReadOnlySpan<byte> octets, string label, bool crlf)
    {
        if (octets.Length <= MarkedHead + MarkedTail)
        {
            // A place without anything to see, such as a line end, is shown by its signs.
            string text = Show(octets, crlf);
            parts.Add(new EvidencePart(string.IsNullOrWhiteSpace(text) ? Signs(octets) : text, IsMarked: true, label));
            return;
        }

        int tail = Boundary(octets, octets.Length - MarkedTail), head = Boundary(octets, MarkedHead);
        parts.Add(new EvidencePart(Show(octets[..head], crlf), IsMarked: true, label));
        AddGap(parts, tail - head);
        parts.Add(new EvidencePart(Show(octets[tail..], crlf), IsMarked: true, label));
    }

    /// <summary>On a line of its own.</summary>
    private static void AddGap(List<EvidencePart> parts, int octets)
    {
        string before = parts.FindLast(p => p.Text.Length > 0)?.Text ?? "\n";
        parts.Add(new EvidencePart($"{(before.EndsWith('\n') ? "" : "\n")}[… {octets} octets …]\n", IsMarked: false));
    }

    private static int LineStart(ReadOnlySpan<byte> mail, int at)
    {
        int earliest = Math.Max(0, at - Around);
        int line = mail[earliest..at].LastIndexOf((byte)'\n');
        return line >= 0 ? earliest + line + 1 : Boundary(mail, earliest);
    }

    private static int LineEnd(ReadOnlySpan<byte> mail, int at)
    {
        int latest = Math.Min(mail.Length, at + Around);
        if (at > 0 && mail[at - 1] == '\n')
            return at;
        int line = mail[at..latest].IndexOf((byte)'\n');
        return line >= 0 ? at + line + 1 : Boundary(mail, latest);
    }

    /// <summary>Not in the middle of a character.</summary>
    private static int Boundary(ReadOnlySpan<byte> octets, int at)
    {
        int back = at;
        while (back > 0 && at - back < 3 && back < octets.Length && (octets[back] & 0xC0) == 0x80)
            back--;
        return back;
    }

    private static string Show(ReadOnlySpan<byte> octets, bool crlf)
    {
        var shown = new StringBuilder(octets.Length);
        for (int i = 0; i < octets.Length;)
        {
            byte octet = octets[i];
            if (octet == '\r' && i + 1 < octets.Length && octets[i + 1] == '\n')
            {
                shown.Append('\n');
                i += 2;
            }
            else if (octet is (byte)'\n')
            {
                shown.Append(crlf ? "\u240A\n" : "\n");
                i++;
            }
            else if (octet is < 0x20 or 0x7F)
            {
                shown.Append(octet is (byte)'\t' ? '\t' : Sign(octet));
                i++;
            }
            else if (Rune.DecodeFromUtf8(octets[i..], out Rune rune, out int length) == System.Buffers.OperationStatus.Done)
            {
                shown.Append(rune);
                i += length;
            }
            else
            {
                shown.Append("\\x").Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
                i++;
            }
        }

        return OutsideWords.Block(shown.ToString());
    }

    private static string Signs(ReadOnlySpan<byte> octets)
    {
        var shown = new StringBuilder();
        foreach (byte octet in octets)
            shown.Append(octet is (byte)' ' ? '\u2420' : Sign(octet)).Append(octet is (byte)'\n' ? "\n" : "");
        return shown.ToString();
    }

    /// <summary>Unicode's pictures of the control characters.</summary>
    private static char Sign(byte control) => control == 0x7F ? '\u2421' : control < 0x20 ? (char)(0x2400 + control) : (char)control;
}
