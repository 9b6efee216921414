using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Support;

/// <param name="Kind">How it was made, in words: <c>as signed</c>, or what is odd or broken about it.</param>
/// <param name="Signatures">How many DKIM-Signature fields it has.</param>
internal sealed record CorpusMail(byte[] Octets, string Kind, int Signatures);

/// <summary>
/// Signed mails by the thousand for tests and benchmarks. The same seed gives the same texts, sizes and ways to sign; the keys are new each time.
/// Of twenty mails two are broken on purpose, two have a signature made by hand and one has lost its line ends, in the ways that
/// <see cref="MailOddities"/> names.
/// </summary>
internal sealed class MailCorpus : IDisposable
{
    public const string AsSigned = "as signed";

    public static readonly DateTimeOffset Now = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    private static readonly DomainName Domain = DomainName.Parse("example.org");

    private readonly Random _random;
    private readonly DkimSigner[] _signers;

    public MailCorpus(int seed)
    {
        _random = new Random(seed);
        var rsa = DkimPrivateKey.FromPem(HandKey.ExportPkcs8PrivateKeyPem());
        var ed25519 = DkimPrivateKey.CreateEd25519();
        _signers = [new DkimSigner(Domain, "rsa", rsa), new DkimSigner(Domain, "ed", ed25519)];
        var p = Convert.ToBase64String(HandKey.ExportSubjectPublicKeyInfo());
        Keys = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["rsa._domainkey.example.org"] = rsa.PublicKeyRecord,
            ["ed._domainkey.example.org"] = ed25519.PublicKeyRecord,
            ["bare._domainkey.example.org"] = $"p={p}",
            ["pkcs1._domainkey.example.org"] = $"v=DKIM1; p={Convert.ToBase64String(HandKey.ExportRSAPublicKey())}",
            ["notes._domainkey.example.org"] = $"v=DKIM1; n=a=note; x=unknown; k=rsa; p={p[..100]} {p[100..]};",
            ["testing._domainkey.example.org"] = $"v=DKIM1; t=y; p={p}",
            ["strict._domainkey.example.org"] = $"v=DKIM1; t=s; p={p}",
            ["sha1._domainkey.example.org"] = $"v=DKIM1; h=sha1; p={p}",
            ["other._domainkey.example.org"] = $"v=DKIM1; s=other; p={p}",
            ["services._domainkey.example.org"] = $"v=DKIM1; s=other:email; p={p}",
            ["late._domainkey.example.org"] = $"p={p}; v=DKIM1",
            ["revoked._domainkey.example.org"] = "v=DKIM1; p=",
            ["version._domainkey.example.org"] = $"v=DKIM2; p={p}",
            ["type._domainkey.example.org"] = $"v=DKIM1; k=dsa; p={p}",
            ["garbage._domainkey.example.org"] = "v=DKIM1; p=AAAABBBBCCCC",
        };
    }

    /// <summary>What is published at each name.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; }

    internal RSA HandKey { get; } = RSA.Create(2048);

    public ZoneResolver Zone()
    {
        var zone = new ZoneResolver();
        foreach (var (name, record) in Keys)
            zone.AddTxt(name, record);
        return zone;
    }

    public IEnumerable<CorpusMail> Make(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var text = CorpusText.Make(_random, i);
            yield return (i % 10) switch
            {
                3 => Broken(text, i / 10),
                7 => ByHand(text, i / 10),
                5 when i % 20 == 5 => Kept(text, i / 20),
                _ => Mail(text, AsSigned),
            };
        }
    }

    public void Dispose() => HandKey.Dispose();

    private CorpusMail Mail(string text, string kind)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        var signatures = _random.Next(4) == 0 ? _random.Next(2, 4) : 1;
        for (var i = 0; i < signatures; i++)
            octets = _signers[_random.Next(3) == 0 ? 1 : 0].Sign(octets, Now, Options());
        return new CorpusMail(octets, kind, signatures);
    }

    private DkimSignerOptions Options() => new()
    {
        HeaderCanonicalization = (DkimCanonicalization)_random.Next(2),
        BodyCanonicalization = (DkimCanonicalization)_random.Next(2),
        Oversigned = _random.Next(2) == 0 ? ["From"] : new DkimSignerOptions().Oversigned,
        ExpiresAfter = _random.Next(3) == 0 ? TimeSpan.FromDays(7) : null,
        Identity = _random.Next(3) == 0 ? "letter@News.Example.org" : null,
    };

    private CorpusMail Broken(string text, int turn)
    {
        var (kind, breaks) = MailOddities.Breakages[turn % MailOddities.Breakages.Count];
        var mail = Mail(text, kind);
        return mail with { Octets = Encoding.Latin1.GetBytes(breaks(Encoding.Latin1.GetString(mail.Octets))) };
    }

    private CorpusMail Kept(string text, int turn)
    {
        var (kind, keep) = MailOddities.Keepings[turn % MailOddities.Keepings.Count];
        var mail = Mail(text, kind);
        return mail with { Octets = Encoding.Latin1.GetBytes(keep(Encoding.Latin1.GetString(mail.Octets))) };
    }

    private CorpusMail ByHand(string text, int turn)
    {
        var oddity = MailOddities.Signatures[turn % MailOddities.Signatures.Count];
        var signed = HandSignature.Add(HandKey, oddity.Hash, oddity.Field, oddity.Signed, oddity.Prepare(text));
        return new CorpusMail(Encoding.Latin1.GetBytes(oddity.Afterwards(signed)), oddity.Kind, 1);
    }
}
