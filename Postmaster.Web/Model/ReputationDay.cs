namespace Postmaster.Web.Model;

/// <summary>The verdict in words, best first. The numbers stand in the database.</summary>
public enum ReputationLevel : byte
{
    High = 1,
    Medium = 2,
    Low = 3,
    Bad = 4,
}

/// <summary>The verdict on a stream at the end of a UTC day, or so far today. Kept because tomorrow's verdict depends on today's level.</summary>
public sealed class ReputationDay
{
    /// <summary><see cref="CellKey.Day"/>.</summary>
    public required long Key { get; init; }

    /// <summary>0 to 100.</summary>
    public required double Score { get; set; }

    public required ReputationLevel Level { get; set; }

    /// <summary>Points that each signal cost, as JSON: <c>{"complaints":24.1,...}</c>; below zero what was given back. For the chart of causes.</summary>
    public required string Causes { get; set; }

    /// <summary>Messages a day, recent days weighing more.</summary>
    public required double PerDay { get; set; }

    /// <summary>When it was last worked out: of several machines that work them out, one need not repeat what another has just done.</summary>
    public required DateTimeOffset ComputedAt { get; set; }
}
