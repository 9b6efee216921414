using Postmaster.Fbl;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Suppression;

/// <summary>An owner's addresses by the codes that stand for them in reports (RFC 6590 §3), which his redaction key makes.</summary>
public sealed class SubscriberList
{
    /// <summary>A wrong path is not to fill the memory: about 4 GB.</summary>
    public const int MaxAddresses = 20_000_000;

    /// <summary>Longer is no address (RFC 5321 §4.5.3.1) and no key.</summary>
    private const int MaxLine = 1_000;

    private readonly Dictionary<string, string> _byCode = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _addresses = new(StringComparer.OrdinalIgnoreCase);

    private SubscriberList()
    {
    }

    public int Count => _addresses.Count;

    /// <summary>Lines that are no address; blank ones and those that begin with # do not count.</summary>
    public int Unread { get; private set; }

    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="FormatException">The key's file has none, or the list has too many addresses.</exception>
    public static SubscriberList Read(string keyFile, string listFile)
    {
        RedactionKey key = KeyOf(keyFile);
        var list = new SubscriberList();
        foreach (string line in File.ReadLines(listFile))
            list.Add(line.Trim(), key);
        return list;
    }

    /// <summary>The address behind the code; null when the list has none for it.</summary>
    /// <param name="recipient">As a report names it.</param>
    public string? Find(string recipient) => _addresses.TryGetValue(recipient, out string? told) ? told : _byCode.GetValueOrDefault(recipient);

    private void Add(string line, RedactionKey key)
    {
        if (line.Length == 0 || line[0] == '#')
            return;
        if (line.Length > MaxLine || !MailAddress.TryParse(line, out MailAddress? address, out _))
        {
            Unread++;
            return;
        }

        if (_addresses.Count == MaxAddresses)
            throw new FormatException($"it has more than {MaxAddresses} addresses");
        _addresses.Add(line);
        _byCode.TryAdd(key.Redact(address!), line);
    }

    private static RedactionKey KeyOf(string path)
    {
        string text = File.ReadLines(path).Take(10).FirstOrDefault(line => line.Contains(RedactionKey.TextPrefix, StringComparison.Ordinal)) ?? "";
        return RedactionKey.TryParse(text, out RedactionKey? key, out ParseProblem problem)
            ? key
            : throw new FormatException($"{path} holds no redaction key ({problem.Code}); it is a line that begins with {RedactionKey.TextPrefix}");
    }
}
