namespace Postmaster.Web.Model;

/// <summary>A machine or program that hands in events: one token each, so that one can be turned off and a silent one be named.</summary>
public sealed class Feeder
{
    public int Id { get; init; }

    /// <summary>The operator's name for it, unique; <c>default</c> is whoever shows <c>Ingest:Token</c>.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the token; null: it is let in by another rule (the milter, the token of the configuration).</summary>
    public byte[]? TokenHash { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last batch was committed; null: it never sent one.</summary>
    public DateTimeOffset? LastBatchAt { get; set; }

    /// <summary>The time of the newest event that it has handed in.</summary>
    public DateTimeOffset? NewestEventAt { get; set; }

    /// <summary>Turned off by an operator: its token no longer lets anybody in.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    public long Events { get; set; }
    public long BadLines { get; set; }

    /// <summary>Later events (read, deleted, ...) whose delivery is not remembered.</summary>
    public long Unjoined { get; set; }
}

/// <summary>A batch that is counted: the same feeder's same key counts no second time.</summary>
public sealed class IngestBatch
{
    public required int FeederId { get; init; }

    /// <summary>SHA-256 of the <c>Idempotency-Key</c>.</summary>
    public required byte[] Key { get; init; }

    /// <summary>SHA-256 of its octets, unpacked; null: it was counted before this was kept.</summary>
    public byte[]? BodyHash { get; init; }

    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>The answer that was given, so that the repetition gets the same.</summary>
    public required string Answer { get; init; }
}
