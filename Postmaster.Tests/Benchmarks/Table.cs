using System.Globalization;

namespace Postmaster.Benchmarks;

/// <summary>The one table that is printed: what, ours, beside whom, the ratio and whether it is what we ask of ourselves.</summary>
internal sealed class Table
{
    private readonly List<string[]> _rows = [["what", "ours", "allocated", "beside", "theirs", "ratio", "asked", ""]];
    private readonly List<string> _notes = [];

    /// <param name="theirs">Per second; null when the peer is not here.</param>
    /// <param name="asked">The least ratio; null when nothing is asked.</param>
    public void Add(string what, Rate ours, string beside, double? theirs, double? asked)
    {
        var ratio = ours.PerSecond / theirs;
        _rows.Add(
        [
            what,
            ours.ToString(),
            double.IsNaN(ours.AllocatedBytes) ? "" : Invariant($"{ours.AllocatedBytes:N0} B"),
            beside,
            theirs is null ? "not installed" : Invariant($"{theirs:N0}/s"),
            ratio is null ? "" : Invariant($"{ratio:0.00}"),
            asked is null ? "" : Invariant($"{asked:0.0}"),
            ratio is null || asked is null ? "" : ratio >= asked ? "yes" : "NO",
        ]);
        Console.Error.WriteLine(string.Join("  ", _rows[^1]));
    }

    /// <param name="asked">The least rate a second.</param>
    public void Asked(string what, Rate ours, double asked) =>
        _rows.Add([what, ours.ToString(), Invariant($"{ours.AllocatedBytes:N0} B"), "", "", "", Invariant($"{asked:N0}/s"), ours.PerSecond >= asked ? "yes" : "NO"]);

    public void Add(string what, Rate ours) => _rows.Add([what, ours.ToString(), Invariant($"{ours.AllocatedBytes:N0} B"), "", "", "", "", ""]);

    public void Note(string sentence)
    {
        if (!_notes.Contains(sentence, StringComparer.Ordinal))
            _notes.Add(sentence);
    }

    public void Print()
    {
        var widths = Enumerable.Range(0, _rows[0].Length).Select(column => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
            Console.WriteLine(string.Join("  ", row.Select((cell, i) => i is 0 or 3 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        foreach (var note in _notes)
            Console.WriteLine(note);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
