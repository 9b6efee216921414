using System.Net;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Samples;

/// <summary>The envelope of a sample as it is stored: text, so that it goes to JSON and back.</summary>
/// <param name="MailFrom">Empty for the null reverse-path; null when unknown.</param>
public sealed record KeptEnvelope(string? Ip, string? Helo, string? MailFrom, string? Tls)
{
    public SampleEnvelope ToEnvelope(DateTimeOffset receivedAt) => new(
        IPAddress.TryParse(Ip, out IPAddress? ip) ? ip : null,
        Helo,
        MailAddress.TryParse(MailFrom, out MailAddress? sender, out _) ? sender : null,
        MailFrom is "",
        Tls,
        receivedAt);
}
