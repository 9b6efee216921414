namespace Postmaster.Fbl.Dkim;

/// <summary>The lists parted by colons inside tag values, white space around each member allowed (RFC 6376 §3.5, §3.6.1).</summary>
internal static class ColonList
{
    /// <summary>Compares as written: RFC 6376 §3.2 makes values case-sensitive.</summary>
    public static bool Contains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> member)
    {
        foreach (var range in list.Split((byte)':'))
        {
            if (Trim(list[range]).SequenceEqual(member))
                return true;
        }
        return false;
    }

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> member) => member.Trim(" \t\r\n"u8);
}
