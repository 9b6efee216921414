namespace Postmaster.Web.Model;

/// <summary>
/// Some thousand complaints of one domain, closed for searching: who is in it never changes. Complaints that are in none yet are few and are looked
/// through one by one, so what was counted a moment ago is found, too.
/// </summary>
public sealed class ArchiveBlock
{
    public int Id { get; init; }

    /// <summary>The claimed domain.</summary>
    public required string Domain { get; init; }

    /// <summary>The first and the last press in it.</summary>
    public required DateTimeOffset OldestAt { get; init; }

    public required DateTimeOffset NewestAt { get; init; }

    /// <summary>A complaint's place in the block is its number here: UTC ticks of the press and the complaint's id, 24 octets each, the newest press first.</summary>
    public required byte[] Places { get; init; }

    /// <summary>A bit for each place whose complaint was handled, the lowest bit of an octet first.</summary>
    public required byte[] Handled { get; set; }
}

/// <summary>In which complaints of a block a word stands.</summary>
public sealed class ArchiveWord
{
    public required int BlockId { get; init; }

    /// <summary>In lower case, or with a mark before it that no word has: a type, a signing domain.</summary>
    public required string Word { get; init; }

    /// <summary>A bit for each place, or for few of them their numbers, two octets each, low octet first; whichever is shorter.</summary>
    public required byte[] Places { get; init; }
}
