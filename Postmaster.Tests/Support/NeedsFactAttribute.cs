namespace Postmaster.Tests.Support;

/// <summary>A fact that runs only where the named outside programs are installed; with POSTMASTER_REQUIRE_ALL=1 it always runs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(params string[] programs)
    {
        Programs = programs;
        Skip = RequiredPrograms.SkipReason(programs);
    }

    public IReadOnlyList<string> Programs { get; }
}

/// <summary>The same for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsTheoryAttribute : TheoryAttribute
{
    public NeedsTheoryAttribute(params string[] programs)
    {
        Programs = programs;
        Skip = RequiredPrograms.SkipReason(programs);
    }

    public IReadOnlyList<string> Programs { get; }
}
