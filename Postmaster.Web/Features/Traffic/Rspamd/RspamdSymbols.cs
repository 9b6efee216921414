using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Rspamd;

/// <summary>What rspamd's symbols say of DKIM, SPF, DMARC and the reverse name: the names that its modules have unless an operator renames them.</summary>
internal static class RspamdSymbols
{
    private static readonly (string Name, AuthenticationWord Result)[] Dkim =
    [
        ("R_DKIM_ALLOW", AuthenticationWord.Pass), ("R_DKIM_REJECT", AuthenticationWord.Fail),
        ("R_DKIM_TEMPFAIL", AuthenticationWord.TempError), ("R_DKIM_PERMFAIL", AuthenticationWord.PermError),
    ];

    /// <summary>SPF that lets everybody send (+all) has a symbol of its own.</summary>
    private static readonly (string Name, AuthenticationWord Result)[] Spf =
    [
        ("R_SPF_ALLOW", AuthenticationWord.Pass), ("R_SPF_PLUSALL", AuthenticationWord.Pass), ("R_SPF_FAIL", AuthenticationWord.Fail),
        ("R_SPF_SOFTFAIL", AuthenticationWord.SoftFail), ("R_SPF_NEUTRAL", AuthenticationWord.Neutral), ("R_SPF_NA", AuthenticationWord.None),
        ("R_SPF_DNSFAIL", AuthenticationWord.TempError), ("R_SPF_PERMFAIL", AuthenticationWord.PermError),
    ];

    /// <summary>A mail that does not pass has the symbol of the policy that it meets: SOFTFAIL is p=none.</summary>
    private static readonly (string Name, AuthenticationWord Result)[] Dmarc =
    [
        ("DMARC_POLICY_ALLOW", AuthenticationWord.Pass), ("DMARC_POLICY_ALLOW_WITH_FAILURES", AuthenticationWord.Pass),
        ("DMARC_POLICY_REJECT", AuthenticationWord.Fail), ("DMARC_POLICY_QUARANTINE", AuthenticationWord.Fail), ("DMARC_POLICY_SOFTFAIL", AuthenticationWord.Fail),
        ("DMARC_NA", AuthenticationWord.None), ("DMARC_BAD_POLICY", AuthenticationWord.PermError), ("DMARC_DNSFAIL", AuthenticationWord.TempError),
    ];

    public static AuthenticationWord SpfOf(RspamdReport report) => First(report, Spf);

    public static AuthenticationWord DmarcOf(RspamdReport report) => First(report, Dmarc);

    public static bool Has(RspamdReport report, string symbol) => report.Symbols.Any(s => string.Equals(s.Name, symbol, StringComparison.Ordinal));

    /// <summary>Each signature, from options such as <c>example.org:s=selector</c>. Null when rspamd did not look.</summary>
    public static IReadOnlyList<SignatureEvent>? DkimOf(RspamdReport report)
    {
        List<SignatureEvent> signatures = [];
        bool looked = Has(report, "R_DKIM_NA");
        foreach ((string name, AuthenticationWord result) in Dkim)
        {
            foreach (RspamdSymbol symbol in report.Symbols.Where(s => string.Equals(s.Name, name, StringComparison.Ordinal)))
            {
                looked = true;
                signatures.AddRange(symbol.Options.Select(option => Signature(option, result)).OfType<SignatureEvent>());
            }
        }

        return looked ? signatures : null;
    }

    /// <summary>Null when the mail server does not tell, or DNS did not.</summary>
    public static bool? ReverseLeadsBack(RspamdReport report)
    {
        if (Has(report, "RDNS_DNSFAIL"))
            return null;
        if (Has(report, "RDNS_NONE"))
            return false;
        return report.HostName is { Length: > 0 } name && !name.StartsWith('[') ? true : null;
    }

    private static SignatureEvent? Signature(string option, AuthenticationWord result)
    {
        const string Separator = ":s=";
        int at = option.IndexOf(Separator, StringComparison.Ordinal);
        string domain = at < 0 ? option : option[..at];
        return domain.Length == 0 ? null : new SignatureEvent(domain, at < 0 ? null : option[(at + Separator.Length)..], result);
    }

    private static AuthenticationWord First(RspamdReport report, (string Name, AuthenticationWord Result)[] words) =>
        words.FirstOrDefault(word => Has(report, word.Name)).Result;

}
