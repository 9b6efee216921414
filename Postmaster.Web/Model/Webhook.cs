namespace Postmaster.Web.Model;

/// <summary>What is posted to a webhook.</summary>
public enum WebhookFormat
{
    /// <summary>An event of our own: type, timestamp and the complaint as the API gives it.</summary>
    Event,

    /// <summary>XARF version 4.</summary>
    Xarf,
}

public enum WebhookState
{
    /// <summary>It has not answered a test event yet: nothing else is sent to it.</summary>
    Waiting,

    On,

    /// <summary>Switched off by an owner.</summary>
    Off,

    /// <summary>Switched off by the portal: it answered 410, or failed for days.</summary>
    Disabled,
}

/// <summary>
/// An https address of an owner that complaints are posted to as they are counted. As a work row it is the unit of leasing: one request at a time
/// goes to an endpoint, from however many machines, and the one that was asked longest ago comes first.
/// </summary>
public sealed class WebhookEndpoint : IWorkRow
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid ClaimId { get; init; }
    public required string Url { get; init; }
    public WebhookFormat Format { get; set; }
    public WebhookState State { get; set; }

    /// <summary>The octets that the signature is made with, sealed.</summary>
    public required byte[] SealedSecret { get; set; }

    /// <summary>The secret before, which signs as well until <see cref="FormerUntil"/>; null: none.</summary>
    public byte[]? SealedFormer { get; set; }

    public DateTimeOffset? FormerUntil { get; set; }
    public required Guid CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it first answered a test event as it should; null: never.</summary>
    public DateTimeOffset? ProvedAt { get; set; }

    /// <summary>Since when every attempt has failed; null: the last one did not.</summary>
    public DateTimeOffset? FailingSince { get; set; }

    public DateTimeOffset? LastDeliveredAt { get; set; }

    /// <summary>Why the portal switched it off, in words of ours; null unless it did.</summary>
    public string? DisabledWhy { get; set; }

    /// <summary>When an owner removed it; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Not asked before: when it was asked last, or what it asked for by Retry-After.</summary>
    public required DateTimeOffset DueAt { get; set; }

    public DateTimeOffset? LeaseUntil { get; set; }
    public int Attempts { get; set; }
}

public enum WebhookDeliveryState
{
    Queued,
    Delivered,

    /// <summary>Given up.</summary>
    Failed,

    /// <summary>Nobody wants it any more.</summary>
    Cancelled,
}

/// <summary>What an event tells of its complaint.</summary>
public enum WebhookEvent
{
    Created,

    /// <summary>The same mailbox took the message out of Junk.</summary>
    Withdrawn,
}

/// <summary>One event for one endpoint: of a complaint, or a test. It is written when it is sent.</summary>
public sealed class WebhookDelivery
{
    /// <summary>The same at every attempt; <c>webhook-id</c> is made of it.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public required Guid EndpointId { get; init; }

    /// <summary>Null: a test event.</summary>
    public Guid? ComplaintId { get; init; }

    public WebhookEvent Event { get; init; }
    public WebhookDeliveryState State { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is tried next.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Since it was put here, or sent again by hand.</summary>
    public int Attempts { get; set; }

    public DateTimeOffset? LastTryAt { get; set; }

    /// <summary>The HTTP status of the last answer; null: there was none.</summary>
    public int? LastStatus { get; set; }

    /// <summary>The beginning of the last answer, or why there was none; outside text on one line.</summary>
    public string? LastAnswer { get; set; }

    public DateTimeOffset? EndedAt { get; set; }
}
