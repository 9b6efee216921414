using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dkim;

public sealed class DkimPrivateKeyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_survives_its_PEM_and_still_signs(bool rsa)
    {
        var key = rsa ? DkimKit.Rsa : DkimKit.Ed25519;
        var pem = key.ExportPem();
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", pem, StringComparison.Ordinal);
        using var read = DkimPrivateKey.FromPem(pem);
        Assert.Equal(key.PublicKeyRecord, read.PublicKeyRecord);
        Assert.Equal(key.Algorithm, read.Algorithm);
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.Sign(key: read));
    }

    [Fact]
    public void The_published_record_is_a_good_key_record()
    {
        Assert.True(DkimRecordParser.TryParse(Encoding.ASCII.GetBytes(DkimKit.Rsa.PublicKeyRecord), out var record, out _));
        Assert.Equal((DkimKeyType.Rsa, 2048, false, false), (record!.KeyType, record.KeyBits, record.Testing, record.ExactDomain));
        Assert.True(DkimRecordParser.TryParse(Encoding.ASCII.GetBytes(DkimKit.Ed25519.PublicKeyRecord), out record, out _));
        Assert.Equal((DkimKeyType.Ed25519, 256), (record!.KeyType, record.KeyBits));
    }

    [Fact]
    public void PKCS_1_is_read_as_well()
    {
        using var rsa = RSA.Create(2048);
        using var key = DkimPrivateKey.FromPem(rsa.ExportRSAPrivateKeyPem());
        Assert.EndsWith(Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo()), key.PublicKeyRecord, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_private_key_is_refused()
    {
        using var rsa = RSA.Create(1024);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var text in new[] { "", "text", rsa.ExportSubjectPublicKeyInfoPem(), ec.ExportPkcs8PrivateKeyPem(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" })
            Assert.Throws<FormatException>(() => DkimPrivateKey.FromPem(text));
        Assert.Throws<ArgumentOutOfRangeException>(() => DkimPrivateKey.CreateRsa(512));
    }

    [Fact]
    public void A_selector_that_is_no_name_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new DkimSigner(DkimKit.Domain, "a;b=c", DkimKit.Rsa));
        Assert.Equal("a.b._domainkey.example.org", new DkimSigner(DkimKit.Domain, "a.b", DkimKit.Rsa).KeyName.Ascii);
    }

    [Fact]
    public void The_signature_stands_on_top_folded_and_covers_the_fields_once_more_than_they_occur()
    {
        var signed = DkimKit.Sign(DkimKit.WithLf(DkimKit.Message), new DkimSignerOptions());
        Assert.StartsWith("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n\td=example.org; s=s1;\r\n\tt=1772445600;\r\n\th=From:From:Sender:Reply-To:To:To:", signed, StringComparison.Ordinal);
        Assert.EndsWith(DkimKit.Message, signed, StringComparison.Ordinal); // LF became CRLF
        Assert.All(signed.Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
    }
}
