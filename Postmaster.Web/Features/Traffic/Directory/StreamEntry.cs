using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Directory;

/// <summary>A stream in memory. It gets its row, and with it <see cref="Id"/>, when the first counts of it are committed.</summary>
internal sealed class StreamEntry(int serial, DomainEntry domain, StreamKind kind, string value)
{
    /// <summary>Names it in this process.</summary>
    public int Serial { get; } = serial;

    public DomainEntry Domain { get; } = domain;
    public StreamKind Kind { get; } = kind;
    public string Value { get; } = value;

    /// <summary>Of its row; 0: it has none yet. Written by the committer alone, after its commit.</summary>
    public int Id { get; set; }

    /// <summary>The day that its row holds as the last one. The committer's.</summary>
    public DateOnly LastDay { get; set; }

    /// <summary>Hours are kept of it too.</summary>
    public bool HasHours => Kind is StreamKind.Whole or StreamKind.Unauthenticated;
}

/// <summary>A counted domain in memory.</summary>
/// <param name="name">Empty: all domains beyond the limit together.</param>
internal sealed class DomainEntry(int serial, string name)
{
    private readonly Dictionary<(StreamKind Kind, string Value), StreamEntry> _streams = [];
    private readonly int[] _counts = new int[(int)StreamKind.Network + 1];

    public int Serial { get; } = serial;
    public string Name { get; } = name;

    /// <inheritdoc cref="StreamEntry.Id"/>
    public int Id { get; set; }

    /// <inheritdoc cref="StreamEntry.LastDay"/>
    public DateOnly LastDay { get; set; }

    /// <summary>Whether any mail was ever authenticated as it; without, it may be made up by anybody. The directory's.</summary>
    public bool IsProved { get; set; }

    /// <summary>Null until there was such mail.</summary>
    public StreamEntry? Whole { get; private set; }

    /// <inheritdoc cref="Whole"/>
    public StreamEntry? Unauthenticated { get; private set; }

    public IEnumerable<StreamEntry> Streams => _streams.Values;

    // Called under the directory's lock.
    public StreamEntry? Find(StreamKind kind, string value) => _streams.GetValueOrDefault((kind, value));

    /// <summary>How many streams of a kind there are, "other" not among them.</summary>
    public int Count(StreamKind kind) => _counts[(int)kind];

    public void Add(StreamEntry stream)
    {
        _streams.Add((stream.Kind, stream.Value), stream);
        if (!string.Equals(stream.Value, MailStream.Other, StringComparison.Ordinal))
            _counts[(int)stream.Kind]++;
        if (stream.Kind == StreamKind.Whole)
            (Whole, IsProved) = (stream, true);
        else if (stream.Kind == StreamKind.Unauthenticated)
            Unauthenticated = stream;
    }
}

/// <summary>A domain that mail is counted for, as one state of the claims has it.</summary>
/// <param name="isClaimed">Whether its claim is in force: then its streams are told apart.</param>
internal sealed class CountedDomain(string name, bool isClaimed)
{
    public string Name { get; } = name;
    public bool IsClaimed { get; } = isClaimed;

    /// <summary>Set when it was looked up once; stays null while its mail is counted under the empty name.</summary>
    public DomainEntry? Entry { get; set; }
}

/// <summary>A name as an event has it, and whose mail it stands for.</summary>
/// <param name="Counted">The domains that its mail is counted for; never empty.</param>
internal sealed record NameEntry(Postmaster.Fbl.Names.DomainName Name, CountedDomain[] Counted)
{
    /// <summary>Whether the two are of one organization, as far as can be told without DNS (RFC 9989 §4.4, relaxed): one above the other, or of one claim.</summary>
    public bool IsAlignedWith(NameEntry other) =>
        ReferenceEquals(this, other) || Name.IsEqualOrSubdomainOf(other.Name) || other.Name.IsSubdomainOf(Name)
        || (Counted[0].IsClaimed && string.Equals(Counted[0].Name, other.Counted[0].Name, StringComparison.Ordinal));
}
