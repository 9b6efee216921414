namespace Postmaster.Fbl.Dkim;

/// <summary>Walks over the lines of a body, each with its line end; a line ends at LF.</summary>
internal ref struct BodyLines(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly BodyLines GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var feed = _rest.IndexOf((byte)'\n');
        Current = feed < 0 ? _rest : _rest[..(feed + 1)];
        _rest = _rest[Current.Length..];
        return true;
    }
}
