using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>
/// The names of the client for ptr and <c>%{p}</c>: of the first ten that its reverse name leads to, those that lead back to it (RFC 7208 §5.5).
/// </summary>
internal sealed class SpfClientNames(SpfClient client, SpfQuestions questions, int maxNames)
{
    private readonly Dictionary<string, DnsAnswer> _addresses = new(StringComparer.OrdinalIgnoreCase);
    private DnsAnswer? _pointers;

    /// <summary>The reverse name has been asked for.</summary>
    public bool AreAsked => _pointers is not null;

    /// <summary>What DNS says of the reverse name; asked once.</summary>
    public async ValueTask<DnsAnswer> PointersAsync() => _pointers ??= await questions.AskNameAsync(ReverseName.Of(client.Address), DnsRecordType.PTR);

    /// <summary>A name of the client that equals the domain or lies below it; null when there is none, or DNS does not say.</summary>
    /// <param name="domain">Characters as they are, without the dot at the end.</param>
    /// <param name="answers">What DNS says on the way is added.</param>
    public async ValueTask<string?> FindInAsync(string domain, List<DnsAnswer> answers)
    {
        foreach (var name in await NamesAsync())
        {
            if (IsIn(name, domain) && await LeadsBackAsync(name, answers))
                return name;
        }
        return null;
    }

    /// <summary><c>%{p}</c> (RFC 7208 §7.3): the domain itself before its subdomains before any other; null for "unknown".</summary>
    public async ValueTask<string?> BestForAsync(string domain, List<DnsAnswer> answers)
    {
        var names = await NamesAsync();
        foreach (var name in names.OrderBy(n => n.Equals(domain, StringComparison.OrdinalIgnoreCase) ? 0 : IsIn(n, domain) ? 1 : 2))
        {
            if (await LeadsBackAsync(name, answers))
                return name;
        }
        return null;
    }

    private async ValueTask<IReadOnlyList<string>> NamesAsync()
    {
        // RFC 7208 §5.5: a DNS error means that there are no names.
        var pointers = await PointersAsync();
        return [.. pointers.Records.OfType<PtrRecord>().Take(maxNames).Select(r => r.Target)];
    }

    private async ValueTask<bool> LeadsBackAsync(string name, List<DnsAnswer> answers)
    {
        // Attack: a macro in every term, and ten names to try for each. A check asks for every name once.
        if (!_addresses.TryGetValue(name, out var answer))
            _addresses[name] = answer = await questions.AskNameAsync(name, client.AddressType);
        answers.Add(answer);
        return client.IsAmong(answer, 32, 128); // RFC 7208 §5.5: a name whose look-up fails is skipped
    }

    private static bool IsIn(string name, string domain)
        => name.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (name.Length == domain.Length || name[^(domain.Length + 1)] == '.');
}
