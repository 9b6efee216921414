using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Postmaster.Web.Data;

/// <summary>Seals what must not stand readable in the database: keys, mailbox addresses, mails that carry a link. The key ring lies in the data folder.</summary>
public sealed class Sealer(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Postmaster.Seal.v1");

    public byte[] Seal(ReadOnlySpan<byte> clear) => _protector.Protect(clear.ToArray());

    public byte[] Seal(string clear) => _protector.Protect(Encoding.UTF8.GetBytes(clear));

    /// <exception cref="CryptographicException">The key ring that sealed it is missing.</exception>
    public byte[] Open(byte[] sealedValue) => _protector.Unprotect(sealedValue);

    /// <exception cref="CryptographicException">The key ring that sealed it is missing.</exception>
    public string OpenText(byte[] sealedValue) => Encoding.UTF8.GetString(Open(sealedValue));
}
