using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Arc;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Dkim;

namespace Postmaster.Tests.Arc;

/// <summary>A sealer of our own for the tests, and the verdict in one line.</summary>
internal static class ArcKit
{
    /// <summary>Adds one set on top; each text may be changed before it is signed or sealed.</summary>
    public sealed record Sealing(int Instance)
    {
        public string ChainStatus { get; init; } = "pass";

        public string Canonicalization { get; init; } = "relaxed/relaxed";

        public string SealTags { get; init; } = "";

        public string SignedFields { get; init; } = "From:To:Subject:DKIM-Signature";

        public DkimPrivateKey Key { get; init; } = DkimKit.Rsa;
    }

    public static string Seal(string message, int instance) => Seal(message, new Sealing(instance) { ChainStatus = instance == 1 ? "none" : "pass" });

    public static string Seal(string message, Sealing how)
    {
        var results = $"ARC-Authentication-Results: i={how.Instance}; lists.example.net;\r\n\tdkim=pass header.d=example.org\r\n";
        var place = how.Key.KeyType == DkimKeyType.Rsa ? "d=example.org; s=s1" : "d=example.org; s=s2";
        var words = how.Canonicalization.Split('/').Select(word => word is "relaxed" ? DkimCanonicalization.Relaxed : DkimCanonicalization.Simple).ToArray();
        var body = message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var signature = $"ARC-Message-Signature: i={how.Instance}; a={how.Key.Algorithm}; c={how.Canonicalization}; {place};\r\n\th={how.SignedFields};\r\n"
            + $"\tbh={DkimKit.BodyHash(body, words[1])}; b=";
        using var octets = new PooledOctets();
        new FieldSelector(MessageReader.Read(DkimKit.Octets(message)).Headers).Write(how.SignedFields.Split(':'), -2, words[0], octets);
        signature += Sign(signature, words[0], octets, how.Key) + "\r\n";

        var seal = $"ARC-Seal: i={how.Instance}; a={how.Key.Algorithm}; cv={how.ChainStatus}; {place}; t=1772445600;{how.SealTags} b=";
        using var chain = new PooledOctets();
        for (var i = 1; i < how.Instance; i++)
        {
            foreach (var name in (string[])["ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"])
                HeaderCanonicalizer.Write(DkimKit.Octets(Field(message, name, i)), DkimCanonicalization.Relaxed, chain);
        }
        HeaderCanonicalizer.Write(DkimKit.Octets(results), DkimCanonicalization.Relaxed, chain);
        HeaderCanonicalizer.Write(DkimKit.Octets(signature), DkimCanonicalization.Relaxed, chain);
        return seal + Sign(seal, DkimCanonicalization.Relaxed, chain, how.Key) + "\r\n" + signature + results + message;
    }

    public static string Field(string message, string name, int instance)
        => Encoding.Latin1.GetString(MessageReader.Read(DkimKit.Octets(message)).Headers.All(name).First(field => field.Unfolded.StartsWith($"i={instance};", StringComparison.Ordinal)).Raw.Span);

    public static async Task<ArcResult> VerifyAsync(string message, IDnsResolver? dns = null)
    {
        var result = await new ArcVerifier(dns ?? DkimKit.Zone()).VerifyAsync(MessageReader.Read(DkimKit.Octets(message)), CancellationToken.None);
        Assert.NotEmpty(result.Reason);
        return result;
    }

    public static async Task ExpectAsync(ArcStatus status, ArcProblem problem, string message, IDnsResolver? dns = null)
    {
        var result = await VerifyAsync(message, dns);
        Assert.Equal((status, problem), (result.Status, result.Problem));
    }

    private static string Sign(string field, DkimCanonicalization canonicalization, PooledOctets octets, DkimPrivateKey key)
    {
        HeaderCanonicalizer.WriteSignature(DkimKit.Octets(field), field.Length..field.Length, canonicalization, octets);
        return Convert.ToBase64String(key.Sign(SHA256.HashData(octets.Written)));
    }
}
