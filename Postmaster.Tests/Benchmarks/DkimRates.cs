using System.Globalization;
using System.Security.Cryptography;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;

namespace Postmaster.Benchmarks;

/// <summary>Whole messages in memory, read and verified; RSA-2048, relaxed/relaxed, the key at hand.</summary>
internal static class DkimRates
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private const int CorpusMails = 1000;

    public static void Measure(Table table)
    {
        MeasureCorpus(table);
        using var key = DkimPrivateKey.CreateRsa(2048);
        var signer = new DkimSigner(DomainName.Parse("example.org"), "s1", key);
        var verifier = new DkimVerifier(new CachingResolver(new ZoneResolver().AddTxt("s1._domainkey.example.org", key.PublicKeyRecord), TimeProvider.System));
        foreach (var kilobytes in (int[])[4, 40, 300])
        {
            var mail = signer.Sign(Mails.OfSize(kilobytes * 1024), Now);
            var ours = Rate.Of(() => Verify(verifier, mail));
            var what = string.Create(CultureInfo.InvariantCulture, $"DKIM {kilobytes} KB");
            table.Add(what, ours, "RSA + SHA-256", Bound(mail), 0.5);
            table.Add(what, ours, "libopendkim", Peer.OpenDkim(table, mail, key.PublicKeyRecord), 4);
            table.Add(what, ours, "dkimpy", Peer.Python(table, "dkimpy_rate.py", "dkim", mail, key.PublicKeyRecord), 15);
        }
    }

    /// <summary>Mail as it comes: small and large, both algorithms, several signatures, a tenth broken on purpose.</summary>
    private static void MeasureCorpus(Table table)
    {
        using var corpus = new MailCorpus(seed: 1);
        var mails = corpus.Make(CorpusMails).ToList();
        var verifier = new DkimVerifier(new CachingResolver(corpus.Zone(), TimeProvider.System));
        var next = 0;
        table.Add("DKIM, mails of the corpus", Rate.Of(() =>
        {
            next = (next + 1) % mails.Count;
            var pending = verifier.VerifyAsync(MessageReader.Read(mails[next].Octets), MailCorpus.Now, CancellationToken.None);
            if ((pending.IsCompleted ? pending.Result : pending.AsTask().GetAwaiter().GetResult()).Count != mails[next].Signatures)
                throw new InvalidOperationException(mails[next].Kind);
        }));
    }

    private static void Verify(DkimVerifier verifier, byte[] mail)
    {
        var pending = verifier.VerifyAsync(MessageReader.Read(mail), Now, CancellationToken.None);
        var results = pending.IsCompleted ? pending.Result : pending.AsTask().GetAwaiter().GetResult(); // waits the first time only
        if (results[0].Status != DkimStatus.Pass)
            throw new InvalidOperationException(results[0].Reason);
    }

    /// <summary>What nobody can beat: one RSA verification, and SHA-256 over the same octets.</summary>
    private static double Bound(byte[] mail)
    {
        using var rsa = RSA.Create(2048);
        var digest = SHA256.HashData(mail);
        var signature = rsa.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var publicKey = RSA.Create(rsa.ExportParameters(includePrivateParameters: false));
        return Rate.Of(() =>
        {
            SHA256.HashData(mail, digest);
            publicKey.VerifyHash(digest, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }).PerSecond;
    }
}
