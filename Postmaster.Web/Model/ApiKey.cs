namespace Postmaster.Web.Model;

/// <summary>What a program may do with a key of an account.</summary>
public enum ApiScope
{
    /// <summary>Read the complaints of the account's domains, and their reports.</summary>
    Read,

    /// <summary>Also mark complaints as handled.</summary>
    Handle,
}

/// <summary>A key by which a program of an owner reads complaints. It reaches the domains that the account may see at the moment, and is never shown again.</summary>
public sealed class ApiKey
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }

    /// <summary>The person's own word for it.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key, which holds 256 random bits: no salt is needed.</summary>
    public required byte[] KeyHash { get; init; }

    /// <summary>Its first characters, by which a person knows it again.</summary>
    public required string Prefix { get; init; }

    public required ApiScope Scope { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the hour or so; null: never.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>When it was revoked; null while it opens.</summary>
    public DateTimeOffset? EndedAt { get; set; }
}
