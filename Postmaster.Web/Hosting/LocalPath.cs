namespace Postmaster.Web.Hosting;

/// <summary>Where to go back to after a form: only ever a path of this portal, whatever the address bar or the form says.</summary>
public static class LocalPath
{
    /// <summary>
    /// <paramref name="path"/> when it is a path on this host with an optional query, else <paramref name="fallback"/>.
    /// Refused: other hosts ("//host", "/\host"), schemes, control characters that browsers drop.
    /// </summary>
    public static string OrDefault(string? path, string fallback)
    {
        if (string.IsNullOrEmpty(path) || path[0] != '/' || path.Length > 2000)
            return fallback;
        if (path.Length > 1 && path[1] is '/' or '\\')
            return fallback;
        return path.Any(c => char.IsControl(c) || c == '\\') ? fallback : path;
    }
}
