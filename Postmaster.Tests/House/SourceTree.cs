using System.Text.RegularExpressions;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.House;

/// <summary>The project's own source files, as text.</summary>
internal static partial class SourceTree
{
    private static string Root { get; } = Conformance.RepositoryRoot ?? throw new InvalidOperationException("The tests do not run inside the repository.");

    /// <summary>Every written (not generated) C# and Razor file below a project folder, with its path from the repository's root.</summary>
    public static IEnumerable<(string Path, string Text)> Files(string project) =>
        Directory.EnumerateFiles(System.IO.Path.Combine(Root, project), "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Select(f => System.IO.Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal) && !f.Contains("/Migrations/", StringComparison.Ordinal))
            .Select(f => (f, File.ReadAllText(System.IO.Path.Combine(Root, f))));

    /// <summary>The namespaces below <paramref name="prefix"/> that a file names, by using or in full: the first name after the prefix.</summary>
    public static IReadOnlySet<string> Named(string text, string prefix) =>
        Regex.Matches(text, Regex.Escape(prefix) + @"\.(?<name>[A-Z]\w*)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5))
            .Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(FullPath(path));

    /// <param name="path">From the repository's root.</param>
    public static string FullPath(string path) => System.IO.Path.Combine(Root, path);

    /// <summary>The RFC numbers that a text cites.</summary>
    public static IReadOnlySet<string> Rfcs(string text) =>
        RfcNumber().Matches(text).Select(m => m.Groups["number"].Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"\bRFC ?(?<number>\d{3,5})\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex RfcNumber();
}
