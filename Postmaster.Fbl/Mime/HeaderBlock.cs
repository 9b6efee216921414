using System.Collections;

namespace Postmaster.Fbl.Mime;

/// <summary>The fields of one header in the order in which they stand, the topmost first.</summary>
public sealed class HeaderBlock : IReadOnlyList<HeaderField>
{
    private readonly List<HeaderField> fields;

    internal HeaderBlock(List<HeaderField> fields, ReadOnlyMemory<byte> raw)
    {
        this.fields = fields;
        Raw = raw;
    }

    /// <summary>All the octets of the header: from its first field to before the blank line, also those that a limit left unread.</summary>
    public ReadOnlyMemory<byte> Raw { get; }

    public HeaderField this[int index] => fields[index];

    int IReadOnlyCollection<HeaderField>.Count => fields.Count;

    /// <summary>How many fields were read.</summary>
    public int FieldCount => fields.Count;

    /// <summary>The topmost field of that name, or null.</summary>
    public HeaderField? First(string name)
    {
        foreach (var field in fields)
        {
            if (field.Is(name))
                return field;
        }
        return null;
    }

    /// <summary>Every field of that name from top to bottom.</summary>
    public IEnumerable<HeaderField> All(string name) => fields.Where(field => field.Is(name));

    public int Count(string name)
    {
        var count = 0;
        foreach (var field in fields)
        {
            if (field.Is(name))
                count++;
        }
        return count;
    }

    public IEnumerator<HeaderField> GetEnumerator() => fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
