namespace Postmaster.Fbl.Authentication;

/// <summary>The one thing that is read of a Received field here: which host wrote it (RFC 5321 §4.4).</summary>
internal static class ReceivedField
{
    /// <summary>The word after <c>by</c>, comments and quoted strings passed over; null when there is none.</summary>
    public static string? ByHost(string value)
    {
        var cursor = new StructuredCursor(value);
        var afterBy = false;
        while (cursor.TrySkipCfws() && !cursor.AtEnd && cursor.Current != ';')
        {
            if (!cursor.TryTakeValue(out var word))
                return null;
            if (afterBy)
                return word.TrimEnd('.');
            afterBy = string.Equals(word, "by", StringComparison.OrdinalIgnoreCase);
        }
        return null;
    }
}
