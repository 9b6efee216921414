namespace Postmaster.Tests.Support;

/// <summary>Public test data that lives beside the repository, under <c>../shared/conformance</c>, and is never copied into it.</summary>
internal static class Conformance
{
    private const string RootVariable = "POSTMASTER_CONFORMANCE";

    /// <summary>The folder with <c>Postmaster.sln</c> above the test assembly.</summary>
    public static string? RepositoryRoot { get; } = FindRepositoryRoot();

    /// <summary>The folder <paramref name="name"/> of the data; throws with both places tried when it is absent.</summary>
    public static string Directory(string name) =>
        Find(name) ?? throw new DirectoryNotFoundException(MissingReason(name));

    /// <summary>The same, null when absent.</summary>
    public static string? Find(string name)
    {
        var beside = RepositoryRoot is null ? null : Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared", "conformance", name));
        if (System.IO.Directory.Exists(beside))
            return beside;
        var root = Environment.GetEnvironmentVariable(RootVariable);
        var named = string.IsNullOrEmpty(root) ? null : Path.GetFullPath(Path.Combine(root, name));
        return System.IO.Directory.Exists(named) ? named : null;
    }

    public static string? SkipReason(string name) =>
        RequiredPrograms.RequireAll || Find(name) is not null ? null : MissingReason(name);

    private static string MissingReason(string name) =>
        $"the conformance data '{name}' is neither in ../shared/conformance beside the repository nor under ${RootVariable}";

    private static string? FindRepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Postmaster.sln")))
                return folder.FullName;
        }

        return null;
    }
}

/// <summary>A fact that runs only where the named folder of conformance data is; with POSTMASTER_REQUIRE_ALL=1 it always runs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConformanceFactAttribute : FactAttribute
{
    public ConformanceFactAttribute(string name)
    {
        Name = name;
        Skip = Conformance.SkipReason(name);
    }

    public string Name { get; }
}

/// <summary>The same for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ConformanceTheoryAttribute : TheoryAttribute
{
    public ConformanceTheoryAttribute(string name)
    {
        Name = name;
        Skip = Conformance.SkipReason(name);
    }

    public string Name { get; }
}
