using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dkim;

/// <summary>The other implementation: Debian's python3-dkim, which brings the program dkimverify along.</summary>
public sealed class DkimpyTests
{
    private const string Script = """
        import base64, json, sys
        import dkim

        job = json.load(sys.stdin)
        records = {name.encode(): value.encode() for name, value in job["records"].items()}

        def dnsfunc(name, timeout=5):
            return records.get(name.rstrip(b"."))

        out = []
        for item in job["items"]:
            message = base64.b64decode(item["message"])
            if item["do"] == "verify":
                try:
                    out.append(dkim.DKIM(message).verify(idx=item["index"], dnsfunc=dnsfunc))
                except dkim.DKIMException as e:
                    out.append(repr(e))
            else:
                header, body = item["canonicalization"].split("/")
                kwargs = dict(canonicalize=(header.encode(), body.encode()), signature_algorithm=item["algorithm"].encode())
                if item["length"]:
                    kwargs["length"] = True
                field = dkim.sign(message, item["selector"].encode(), b"example.org", item["key"].encode(), **kwargs)
                out.append(base64.b64encode(field + message).decode())
        json.dump(out, sys.stdout)
        """;

    /// <summary>Odd but legal mail: folding, white space in odd places, empty bodies, repeated fields, no line end at the end.</summary>
    private static readonly string[] Messages =
    [
        DkimKit.Message,
        "From: a@example.org\r\n\r\n",
        "From: a@example.org\r\n\r\n\r\n\r\n",
        "From: a@example.org\r\nSubject:\r\n\r\n   \r\n\t\r\n",
        "From: a@example.org\r\nSubject: x\r\n\r\n leading and trailing \t \r\n\r\n\r\nend\r\n",
        "FROM:\ta@example.org (a\r\n\t  comment)\r\nsubject:   x \r\n   y\t\tz  \r\nTo: b@example.net,\r\n c@example.net\r\n\r\nx\r\n",
        "Received: by x\r\nReceived: by y\r\nFrom: a@example.org\r\nTo: 1@example.net\r\nTo: 2@example.net\r\nSubject: caf\u00e9\r\n\r\nna\u00efve \u00a0 \r\n",
        "From: a@example.org\r\nContent-Type: text/plain\r\n\r\n..\r\n.\r\nFrom here\r\n" + "A long line. A long line. \t A long line.\r\n",
    ];

    [NeedsFact("dkimverify")]
    public async Task Dkimpy_verifies_what_we_sign()
    {
        var items = new List<object>();
        foreach (var message in Messages)
        {
            foreach (var options in AllOptions())
            {
                foreach (var key in new[] { DkimKit.Rsa, DkimKit.Ed25519 })
                    items.Add(Verify(DkimKit.Sign(message, options, key), 0));
            }
        }
        var both = DkimKit.Sign(DkimKit.Sign(key: DkimKit.Ed25519), new DkimSignerOptions());
        items.Add(Verify(both, 0));
        items.Add(Verify(both, 1));
        var good = items.Count;
        items.Add(Verify(DkimKit.Sign() + "x", 0));

        var results = await RunAsync(items);
        Assert.All(results.Take(good), result => Assert.Equal(JsonValueKind.True, result.ValueKind));
        Assert.NotEqual(JsonValueKind.True, results[good].ValueKind); // it does look
    }

    [NeedsFact("dkimsign")]
    public async Task We_verify_what_dkimpy_signs()
    {
        using var rsa = System.Security.Cryptography.RSA.Create();
        rsa.ImportFromPem(DkimKit.Rsa.ExportPem());
        var ed25519 = DkimKit.Ed25519.ExportPem().ReplaceLineEndings("").Replace("-----BEGIN PRIVATE KEY-----", "", StringComparison.Ordinal).Replace("-----END PRIVATE KEY-----", "", StringComparison.Ordinal);
        var seed = Convert.ToBase64String(Convert.FromBase64String(ed25519)[^32..]);
        var items = new List<object>();
        foreach (var message in Messages)
        {
            foreach (var canonicalization in new[] { "simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed" })
            {
                foreach (var length in new[] { false, true })
                {
                    items.Add(new { @do = "sign", message = Base64(message), canonicalization, algorithm = "rsa-sha256", selector = "s1", key = rsa.ExportRSAPrivateKeyPem(), length });
                    items.Add(new { @do = "sign", message = Base64(message), canonicalization, algorithm = "ed25519-sha256", selector = "s2", key = seed, length });
                }
            }
        }

        foreach (var result in await RunAsync(items))
        {
            var signed = Encoding.Latin1.GetString(Convert.FromBase64String(result.GetString()!));
            await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, signed, now: TimeProvider.System.GetUtcNow());
            await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.WithLf(signed), now: TimeProvider.System.GetUtcNow());
            Assert.Equal(DkimStatus.Fail, (await DkimKit.VerifyAsync(signed.Replace("a@example.org", "z@example.org", StringComparison.Ordinal).Replace("anna@", "hanna@", StringComparison.Ordinal))).Status);
        }
    }

    private static IEnumerable<DkimSignerOptions> AllOptions()
    {
        foreach (var header in Enum.GetValues<DkimCanonicalization>())
        {
            foreach (var body in Enum.GetValues<DkimCanonicalization>())
            {
                yield return new DkimSignerOptions { HeaderCanonicalization = header, BodyCanonicalization = body };
                yield return DkimKit.Plain with { HeaderCanonicalization = header, BodyCanonicalization = body, Identity = "a@news.example.org" };
            }
        }
    }

    private static object Verify(string message, int index) => new { @do = "verify", message = Base64(message), index };

    private static string Base64(string message) => Convert.ToBase64String(DkimKit.Octets(message));

    private static async Task<List<JsonElement>> RunAsync(List<object> items)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var records = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [DkimKit.KeyName] = DkimKit.Rsa.PublicKeyRecord,
            ["s2._domainkey.example.org"] = DkimKit.Ed25519.PublicKeyRecord,
        };
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(new { records, items }));
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        var results = JsonDocument.Parse(await output).RootElement.EnumerateArray().ToList();
        Assert.Equal(items.Count, results.Count);
        return results;
    }
}
