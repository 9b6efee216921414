namespace Postmaster.Web.Model;

/// <summary>A row that waits for a worker; a lease makes it one worker's for a while.</summary>
public interface IWorkRow
{
    Guid Id { get; }

    /// <summary>When a worker may next take it up.</summary>
    DateTimeOffset DueAt { get; }

    /// <summary>A worker has it until then; the value is also the worker's proof that it still does.</summary>
    DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Leases since the last step forward.</summary>
    int Attempts { get; set; }
}
