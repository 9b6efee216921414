using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.MtaSts;

public enum MtaStsMode
{
    /// <summary>There is no policy any more.</summary>
    None,

    /// <summary>Failures are reported, and the mail is delivered.</summary>
    Testing,

    /// <summary>Mail waits rather than going to a host that does not fit or has no valid certificate.</summary>
    Enforce,
}

/// <summary>What a domain wants of those who send mail to it: the file at its policy host (RFC 8461 §3.2). Fetching it is the caller's.</summary>
/// <param name="MaxAge">How long senders keep the policy.</param>
public sealed record MtaStsPolicy(MtaStsMode Mode, TimeSpan MaxAge, IReadOnlyList<MtaStsPattern> Mx)
{
    /// <summary>RFC 8461 §3.2.</summary>
    public const int MaxAgeSeconds = 31_557_600;

    /// <summary>Lines that are read. Attack: a file of nothing but patterns.</summary>
    private const int MaxLines = 2048;

    /// <summary>The host that serves the policy (RFC 8461 §3.3).</summary>
    public static string HostOf(DomainName domain) => "mta-sts." + domain.Ascii;

    public static Uri UriOf(DomainName domain) => new($"https://{HostOf(domain)}/.well-known/mta-sts.txt");

    public bool Allows(DomainName host) => Mx.Any(p => p.Matches(host));

    /// <summary>Takes LF and CRLF, passes over unknown keys, and takes the first of a key that is there twice, as §3.2 says.</summary>
    /// <param name="problem"><c>not-utf8</c>, <c>too-many-lines</c>, <c>bad-line</c>, <c>no-version</c>, <c>bad-version</c>, <c>no-mode</c>, <c>bad-mode</c>,
    /// <c>no-max-age</c>, <c>bad-max-age</c>, <c>bad-mx</c> or <c>no-mx</c>; the place is the line, from 1.</param>
    public static bool TryParse(ReadOnlySpan<byte> file, [NotNullWhen(true)] out MtaStsPolicy? policy, out ParseProblem problem)
    {
        policy = null;
        if (!System.Text.Unicode.Utf8.IsValid(file))
        {
            problem = new ParseProblem("not-utf8");
            return false;
        }

        Dictionary<string, (string Value, int Line)> fields = new(StringComparer.Ordinal);
        List<MtaStsPattern> patterns = [];
        if (!TryReadLines(Encoding.UTF8.GetString(file).Split('\n', MaxLines + 1), fields, patterns, out problem))
            return false;
        problem = Problem(fields, patterns);
        if (problem != default)
            return false;
        MtaStsMode mode = ModeOf(fields["mode"].Value)!.Value;
        policy = new MtaStsPolicy(mode, TimeSpan.FromSeconds(SecondsOf(fields["max_age"].Value)!.Value), patterns);
        return true;
    }

    private static bool TryReadLines(string[] lines, Dictionary<string, (string Value, int Line)> fields, List<MtaStsPattern> patterns, out ParseProblem problem)
    {
        problem = default;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimEnd('\r', ' ', '\t');
            if (line.Length == 0)
                continue;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string key = colon > 0 ? line[..colon] : "", value = line[(colon + 1)..].Trim(' ', '\t');
            problem = i == MaxLines ? new ParseProblem("too-many-lines", i + 1)
                : key.Length == 0 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? new ParseProblem("bad-line", i + 1)
                : default;
            if (problem != default)
                return false;
            if (key is not "mx")
            {
                fields.TryAdd(key, (value, i + 1));
            }
            else if (MtaStsPattern.TryParse(value, out MtaStsPattern? pattern))
            {
                patterns.Add(pattern);
            }
            else
            {
                problem = new ParseProblem("bad-mx", i + 1);
                return false;
            }
        }

        return true;
    }

    private static ParseProblem Problem(Dictionary<string, (string Value, int Line)> fields, List<MtaStsPattern> patterns)
    {
        if (!fields.TryGetValue("version", out var version))
            return new ParseProblem("no-version");
        if (version.Value is not "STSv1")
            return new ParseProblem("bad-version", version.Line);
        if (!fields.TryGetValue("mode", out var mode))
            return new ParseProblem("no-mode");
        if (ModeOf(mode.Value) is not { } wanted)
            return new ParseProblem("bad-mode", mode.Line);
        if (!fields.TryGetValue("max_age", out var age))
            return new ParseProblem("no-max-age");
        if (SecondsOf(age.Value) is null)
            return new ParseProblem("bad-max-age", age.Line);
        return wanted != MtaStsMode.None && patterns.Count == 0 ? new ParseProblem("no-mx") : default;
    }

    private static MtaStsMode? ModeOf(string value) => value switch
    {
        "enforce" => MtaStsMode.Enforce,
        "testing" => MtaStsMode.Testing,
        "none" => MtaStsMode.None,
        _ => null,
    };

    private static int? SecondsOf(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds <= MaxAgeSeconds ? seconds : null;
}
