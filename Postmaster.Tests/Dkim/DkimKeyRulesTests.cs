using System.Formats.Asn1;
using System.Security.Cryptography;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dkim;

/// <summary>RFC 6376 §3.6.1 and §6.1.2, RFC 8301 §3.2: what a key has to be.</summary>
public sealed class DkimKeyRulesTests
{
    private static readonly string Signed = DkimKit.Sign();
    private static readonly string Spki = DkimKit.RsaP;

    [Theory]
    [InlineData("p={spki}")]
    [InlineData("v=DKIM1; p={spki}")]
    [InlineData("v=DKIM1; k=rsa; t=; s=*; h=sha1:sha256; n=a note; g=; p={spki};")]
    [InlineData(" v = DKIM1 ;\tk=rsa ; s=other : email; h= sha256; p={spki}")]
    [InlineData("k=rsa; unknown=x; p={spki}")]
    [InlineData("v=DKIM1; p={pkcs1}")] // RSAPublicKey, as the RFC has it
    [InlineData("v=DKIM1; p={spaced}")] // white space inside p=
    public Task Good_records_verify(string record) => DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, Signed, DkimKit.ZoneOf(Fill(record)));

    [Theory]
    [InlineData("v=DKIM2; p={spki}", DkimProblem.KeySyntax)]
    [InlineData("v=dkim1; p={spki}", DkimProblem.KeySyntax)]
    [InlineData("p={spki}; v=DKIM1", DkimProblem.KeySyntax)] // v= comes first or not at all
    [InlineData("v=DKIM1; k=rsa", DkimProblem.KeySyntax)] // no p=
    [InlineData("v=DKIM1; p=", DkimProblem.KeyRevoked)]
    [InlineData("v=DKIM1; p= ;", DkimProblem.KeyRevoked)]
    [InlineData("v=DKIM1; p=!!", DkimProblem.KeySyntax)]
    [InlineData("v=DKIM1; p=AAAA", DkimProblem.KeySyntax)]
    [InlineData("v=DKIM1; p={junk}", DkimProblem.KeySyntax)] // octets behind the key
    [InlineData("v=DKIM1; p={cut}", DkimProblem.KeySyntax)]
    [InlineData("v=DKIM1; p={ec}", DkimProblem.KeySyntax)] // a key of another kind inside
    [InlineData("v=DKIM1; p={even}", DkimProblem.KeySyntax)] // the exponent is even
    [InlineData("v=DKIM1; p={one}", DkimProblem.KeySyntax)] // the exponent is 1: anyone signs
    [InlineData("v=DKIM1; p={spki}; p={spki}", DkimProblem.KeySyntax)]
    [InlineData("v=spf1 -all", DkimProblem.KeySyntax)] // a wildcard's rubbish
    [InlineData("", DkimProblem.KeySyntax)]
    [InlineData("v=DKIM1; k=dsa; p={spki}", DkimProblem.UnknownKeyType)]
    [InlineData("v=DKIM1; k=ed25519; p={spki}", DkimProblem.KeySyntax)] // not 32 octets
    [InlineData("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", DkimProblem.KeyTypeMismatch)]
    [InlineData("v=DKIM1; h=sha1; p={spki}", DkimProblem.HashNotAllowed)]
    [InlineData("v=DKIM1; s=tlsrpt; p={spki}", DkimProblem.ServiceNotAllowed)]
    [InlineData("v=DKIM1; p={small}", DkimProblem.KeyTooSmall)]
    [InlineData("v=DKIM1; p={large}", DkimProblem.KeyTooLarge)]
    [InlineData("v=DKIM1; p={slow}", DkimProblem.KeyTooLarge)] // a huge exponent
    public Task Bad_records_are_permerrors_with_their_problem(string record, DkimProblem problem)
        => DkimKit.ExpectAsync(DkimStatus.PermError, problem, Signed, DkimKit.ZoneOf(Fill(record)));

    [Theory]
    [InlineData("{small}", 768)]
    [InlineData("{large}", 16384)]
    [InlineData("{1024}", 1024)]
    public async Task The_size_of_the_key_is_told_also_when_it_is_the_problem(string key, int bits)
        => Assert.Equal(bits, (await DkimKit.VerifyAsync(Signed, DkimKit.ZoneOf(Fill("p=" + key)))).KeyBits);

    [Fact]
    public Task A_good_key_that_did_not_sign_is_a_fail()
        => DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.SignatureMismatch, Signed, DkimKit.ZoneOf(Fill("p={1024}")));

    [Fact]
    public async Task Keys_of_4096_bits_verify()
    {
        using var key = DkimPrivateKey.CreateRsa(4096);
        var result = await DkimKit.VerifyAsync(DkimKit.Sign(key: key), DkimKit.ZoneOf(key.PublicKeyRecord));
        Assert.Equal((DkimStatus.Pass, 4096), (result.Status, result.KeyBits));
    }

    [Fact]
    public async Task A_domain_in_Unicode_is_looked_up_by_its_A_labels()
    {
        // The octets of the UTF-8 of "b\u00fccher" (RFC 8616).
        var signed = DkimKit.SignAs("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=b\u00c3\u00bccher.example; s=s1; h=From; bh={bh}; b={b}");
        var zone = new ZoneResolver().AddTxt("s1._domainkey.xn--bcher-kva.example", DkimKit.Rsa.PublicKeyRecord);
        var result = await DkimKit.VerifyAsync(signed, zone);
        Assert.Equal((DkimStatus.Pass, "xn--bcher-kva.example", "@xn--bcher-kva.example"), (result.Status, result.Domain!.Ascii, result.Identity!));
    }

    [Fact]
    public async Task Names_that_do_not_exist_or_have_no_TXT_are_permerrors_and_failures_of_DNS_temperrors()
    {
        var nowhere = await DkimKit.VerifyAsync(Signed, new ZoneResolver());
        Assert.Equal((DkimStatus.PermError, DkimProblem.NoKey), (nowhere.Status, nowhere.Problem));
        Assert.Contains("NXDOMAIN", nowhere.Reason, StringComparison.Ordinal);

        await DkimKit.ExpectAsync(DkimStatus.PermError, DkimProblem.NoKey, Signed, new ZoneResolver().AddAddress(DkimKit.KeyName, "192.0.2.1"));
        await DkimKit.ExpectAsync(DkimStatus.TempError, DkimProblem.DnsFailure, Signed, DkimKit.Zone().Fail(DkimKit.KeyName, DnsStatus.ServFail));
        await DkimKit.ExpectAsync(DkimStatus.TempError, DkimProblem.DnsFailure, Signed, DkimKit.Zone().Fail(DkimKit.KeyName, DnsStatus.Timeout));
    }

    [Fact]
    public async Task Of_several_records_three_are_tried()
    {
        var wrong = Fill("v=DKIM1; p={1024}");
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, Signed, DkimKit.ZoneOf("rubbish", wrong, Fill("p={spki}")));
        await DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.SignatureMismatch, Signed, DkimKit.ZoneOf("rubbish", wrong, "p=", Fill("p={spki}")));
        await DkimKit.ExpectAsync(DkimStatus.PermError, DkimProblem.KeySyntax, Signed, DkimKit.ZoneOf("rubbish", "p="));
    }

    [Fact]
    public async Task A_key_in_test_passes_but_is_no_ground_for_a_report()
    {
        var result = await DkimKit.VerifyAsync(Signed, DkimKit.ZoneOf(Fill("v=DKIM1; t=s : y; p={spki}")));
        Assert.Equal(DkimStatus.Pass, result.Status);
        Assert.True(result.Testing);
        Assert.False(result.IsGroundForReport);
    }

    [Theory]
    [InlineData("@example.org", "s", DkimStatus.Pass)]
    [InlineData("anna@EXAMPLE.org", "y:s", DkimStatus.Pass)]
    [InlineData("@news.example.org", "s", DkimStatus.PermError)]
    [InlineData("@news.example.org", "y", DkimStatus.Pass)]
    [InlineData("@news.example.org", "sx", DkimStatus.Pass)] // an unknown flag
    public async Task The_s_flag_wants_i_to_equal_d(string identity, string flags, DkimStatus status)
    {
        var signed = DkimKit.Sign(options: DkimKit.Plain with { Identity = identity });
        var result = await DkimKit.VerifyAsync(signed, DkimKit.ZoneOf(Fill($"v=DKIM1; t={flags}; p={{spki}}")));
        Assert.Equal(status, result.Status);
        Assert.Equal(status == DkimStatus.Pass ? DkimProblem.None : DkimProblem.SubdomainNotAllowed, result.Problem);
        Assert.Equal(identity, result.Identity);
    }

    [Fact]
    public Task The_key_may_stand_behind_a_CNAME() => DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, Signed, new ZoneResolver()
        .AddCname(DkimKit.KeyName, "key.example.com").AddTxt("key.example.com", DkimKit.Rsa.PublicKeyRecord));

    [Fact]
    public void The_cache_keeps_good_keys_up_to_its_size()
    {
        var cache = new DkimRecordCache(2);
        var first = cache.Read(DkimKit.Octets("n=1; " + Fill("p={spki}")));
        cache.Read(DkimKit.Octets("n=2; " + Fill("p={spki}")));
        Assert.Same(first.Record, cache.Read(DkimKit.Octets("n=1; " + Fill("p={spki}"))).Record);
        cache.Read(DkimKit.Octets("n=3; " + Fill("p={spki}"))); // pushes 2 out, which was used least lately
        cache.Read(DkimKit.Octets("rubbish"));
        cache.Read(DkimKit.Octets("p="));
        Assert.Equal(2, cache.Count);
        Assert.Same(first.Record, cache.Read(DkimKit.Octets("n=1; " + Fill("p={spki}"))).Record);
    }

    [Fact]
    public async Task One_verifier_serves_many_threads()
    {
        var verifier = new DkimVerifier(DkimKit.Zone());
        var message = Postmaster.Fbl.Mime.MessageReader.Read(DkimKit.Octets(Signed));
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var passes = 0;
            for (var i = 0; i < 50; i++)
                passes += (await verifier.VerifyAsync(message, DkimKit.Now, CancellationToken.None))[0].Status == DkimStatus.Pass ? 1 : 0;
            return passes;
        })));
        Assert.All(all, passes => Assert.Equal(50, passes));
    }

    private static string Fill(string record)
    {
        foreach (var (mark, make) in Keys)
        {
            if (record.Contains(mark, StringComparison.Ordinal))
                record = record.Replace(mark, make(), StringComparison.Ordinal);
        }
        return record;
    }

    private static readonly Dictionary<string, Func<string>> Keys = new(StringComparer.Ordinal)
    {
        ["{spki}"] = () => Spki,
        ["{pkcs1}"] = () =>
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Spki), out _);
            return Convert.ToBase64String(rsa.ExportRSAPublicKey());
        },
        ["{spaced}"] = () => Spki.Insert(100, " \t").Insert(9, " "),
        ["{junk}"] = () => Convert.ToBase64String([.. Convert.FromBase64String(Spki), 0]),
        ["{cut}"] = () => Convert.ToBase64String(Convert.FromBase64String(Spki)[..^1]),
        ["{ec}"] = () => Convert.ToBase64String(ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfo()),
        ["{even}"] = () => RsaPublicKey(2048, [0x01, 0x00, 0x02]),
        ["{one}"] = () => RsaPublicKey(2048, [0x01]),
        ["{slow}"] = () => RsaPublicKey(2048, [0x01, .. new byte[31], 0x01]),
        ["{small}"] = () => RsaPublicKey(768, [0x01, 0x00, 0x01]),
        ["{large}"] = () => RsaPublicKey(16384, [0x01, 0x00, 0x01]),
        ["{1024}"] = () =>
        {
            using var rsa = RSA.Create(1024);
            return Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
        },
    };

    /// <summary>A number of that size in the place of a modulus: enough for a key that is refused before it is used.</summary>
    private static string RsaPublicKey(int bits, byte[] exponent)
    {
        var modulus = new byte[bits / 8];
        modulus.AsSpan().Fill(0xC5);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(modulus);
            writer.WriteIntegerUnsigned(exponent);
        }
        return Convert.ToBase64String(writer.Encode());
    }
}
