using System.Globalization;

namespace Postmaster.Fbl.Spf;

/// <summary>What macro letters stand for (RFC 7208 §7.2) at one place of an evaluation.</summary>
/// <param name="Domain">The domain under evaluation.</param>
/// <param name="ClientName">The client's validated name; null where no macro asks for it.</param>
/// <param name="Now">Null where no macro asks for it.</param>
internal sealed record SpfMacroValues(SpfSession Session, string Domain, string? ClientName, string ReceivingHost, DateTimeOffset? Now)
{
    public string Of(char letter) => letter switch
    {
        's' => Session.LocalPart + "@" + Session.SenderDomain,
        'l' => Session.LocalPart,
        'o' => Session.SenderDomain,
        'd' => Domain,
        'i' => Session.Client.Dotted,
        'p' => ClientName ?? "unknown",
        'v' => Session.Client.IsIp4 ? "in-addr" : "ip6",
        'h' => Session.Helo,
        'c' => Session.Client.Address.ToString(),
        'r' => ReceivingHost,
        't' => Now is { } now ? now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) : "0",
        _ => "",
    };
}
