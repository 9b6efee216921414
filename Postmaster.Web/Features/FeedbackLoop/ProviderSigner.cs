using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>Signs the portal's mails with the provider's key, which is made when it is first needed and kept sealed in the database.</summary>
public sealed class ProviderSigner(ProviderKeys keys, IOptions<ProviderOptions> provider, IOptions<ReportsOptions> reports)
{
    private const string KeyName = "dkim-rsa2048";

    // To read the key costs more than a signature, and it stays the same.
    private DkimSigner? _signer;

    /// <summary>The name of the TXT record that the operator publishes.</summary>
    public string TxtName => $"{reports.Value.Selector}._domainkey.{DomainName.Parse(provider.Value.Domain).Ascii}";

    /// <summary>The value of that record, in one piece.</summary>
    public async Task<string> TxtValueAsync(CancellationToken ct)
    {
        using DkimPrivateKey key = await KeyAsync(ct);
        return key.PublicKeyRecord;
    }

    /// <summary>Safe for many threads.</summary>
    public async Task<DkimSigner> SignerAsync(CancellationToken ct) =>
        _signer ??= new DkimSigner(DomainName.Parse(provider.Value.Domain), reports.Value.Selector, await KeyAsync(ct));

    private async Task<DkimPrivateKey> KeyAsync(CancellationToken ct) => DkimPrivateKey.FromPem(Encoding.ASCII.GetString(await keys.GetOrCreateAsync(KeyName, NewKey, ct)));

    private static byte[] NewKey()
    {
        using var key = DkimPrivateKey.CreateRsa();
        return Encoding.ASCII.GetBytes(key.ExportPem());
    }
}
