namespace Postmaster.Fbl.Authentication;

/// <summary>The one thing that is read of a Received field here: which host wrote it (RFC 5321 §4.4).</summary>
internal static class ReceivedField
{
    /// <summary>The word after <c>by</c>, comments and quoted strings passed over; null when there is none.</summary>
    public static string? ByHost(string value)
    {
        var cursor = new StructuredCursor(value);
        var afterBy = false;
        var afterFrom = false;
        while (cursor.TrySkipCfws() && !cursor.AtEnd && cursor.Current != ';')
        {
            if (!cursor.TryTakeValue(out var word))
                return null;
            if (afterBy)
                return word.TrimEnd('.');
            // The word after "from" is the client's own: one that greets as "by" hides no host behind it.
            afterBy = !afterFrom && string.Equals(word, "by", StringComparison.OrdinalIgnoreCase);
            afterFrom = !afterFrom && string.Equals(word, "from", StringComparison.OrdinalIgnoreCase);
        }
        return null;
    }
}
