namespace Postmaster.Fbl.Lists;

/// <summary>The URIs of a List-Unsubscribe field (RFC 2369 §2).</summary>
/// <param name="Uris">In the order of preference.</param>
/// <param name="IsMalformed">Something that is no <c>&lt;URI&gt;</c> stood there; what is behind it was ignored.</param>
public sealed record ListUnsubscribe(IReadOnlyList<Uri> Uris, bool IsMalformed)
{
    /// <summary>Attack: a field of ten thousand URIs.</summary>
    private const int MaxUris = 20;

    public IEnumerable<Uri> Https => Uris.Where(u => u.Scheme is "https");

    public IEnumerable<Uri> Http => Uris.Where(u => u.Scheme is "http");

    /// <param name="value">Unfolded.</param>
    public static ListUnsubscribe Parse(string value)
    {
        List<Uri> uris = [];
        int at = 0;
        while (uris.Count < MaxUris)
        {
            at = SkipComments(value, at);
            if (at == value.Length)
                return new ListUnsubscribe(uris, uris.Count == 0);
            int close = value[at] == '<' ? value.IndexOf('>', at) : -1;
            if (close < 0 || !Uri.TryCreate(string.Concat(value.AsSpan(at + 1, close - at - 1).ToString().Where(c => !char.IsWhiteSpace(c))), UriKind.Absolute, out Uri? uri))
                return new ListUnsubscribe(uris, true); // RFC 2369 §2: ignore the rest
            uris.Add(uri);
            int comma = value.IndexOf(',', close);
            if (comma < 0)
                return new ListUnsubscribe(uris, false);
            at = comma + 1;
        }

        return new ListUnsubscribe(uris, false);
    }

    private static int SkipComments(string value, int at)
    {
        int depth = 0;
        for (; at < value.Length; at++)
        {
            if (value[at] == '(')
                depth++;
            else if (value[at] == ')' && depth > 0)
                depth--;
            else if (depth == 0 && !char.IsWhiteSpace(value[at]))
                break;
        }

        return at;
    }
}
