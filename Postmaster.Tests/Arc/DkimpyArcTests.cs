using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Postmaster.Fbl.Arc;
using Postmaster.Tests.Dkim;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Arc;

/// <summary>The other implementation of ARC: Debian's python3-dkim, which brings the program arcverify along.</summary>
public sealed class DkimpyArcTests
{
    private const string Script = """
        import base64, json, sys
        import dkim

        job = json.load(sys.stdin)
        record = job["record"].encode()
        key = job["key"].encode()

        def dnsfunc(name, timeout=5):
            return record if name.rstrip(b".") == b"s1._domainkey.example.org" else None

        out = []
        for text in job["verify"]:
            cv, results, reason = dkim.arc_verify(base64.b64decode(text), dnsfunc=dnsfunc)
            out.append((cv or b"fail").decode())
        message = base64.b64decode(job["seal"])
        sealed = []
        try:
            import authres  # dkimpy reads what it seals with it
            rounds = 3
        except ImportError:
            rounds = 0
        for i in range(rounds):
            results = b"Authentication-Results: lists.example.net; arc=" + (b"none" if i == 0 else b"pass") + b"\r\n"
            fields = dkim.arc_sign(results + message, b"s1", b"example.org", key, b"lists.example.net")
            message = b"".join(fields) + message
            sealed.append(base64.b64encode(message).decode())
        json.dump({"verified": out, "sealed": sealed}, sys.stdout)
        """;

    [NeedsFact("arcverify")]
    public async Task Dkimpy_and_we_agree_on_chains_of_both()
    {
        using var rsa = System.Security.Cryptography.RSA.Create();
        rsa.ImportFromPem(DkimKit.Rsa.ExportPem());
        var one = ArcKit.Seal(DkimKit.Message, 1);
        var two = ArcKit.Seal(one, 2);
        string[] ours =
        [
            DkimKit.Message, one, two, ArcKit.Seal(two, 3),
            ArcKit.Seal(two.Replace("see you.", "see you.\r\nfooter", StringComparison.Ordinal), 3),
            two + "footer\r\n",
            two.Replace("header.d=example.org", "header.d=example.com", StringComparison.Ordinal),
            ArcKit.Seal(one, new ArcKit.Sealing(2) { ChainStatus = "fail" }),
        ];
        var job = new { record = DkimKit.Rsa.PublicKeyRecord, key = rsa.ExportRSAPrivateKeyPem(), verify = ours.Select(Base64), seal = Base64(DkimKit.Message) };
        var output = JsonDocument.Parse(await RunAsync(JsonSerializer.Serialize(job))).RootElement;

        var theirs = output.GetProperty("verified").EnumerateArray().Select(status => status.GetString()!).ToList();
        for (var i = 0; i < ours.Length; i++)
            Assert.Equal(theirs[i], (await ArcKit.VerifyAsync(ours[i])).Status.ToString(), ignoreCase: true);
        Assert.Contains("pass", theirs);
        foreach (var text in output.GetProperty("sealed").EnumerateArray())
        {
            var sealedByThem = Encoding.Latin1.GetString(text.GetBytesFromBase64());
            await ArcKit.ExpectAsync(ArcStatus.Pass, ArcProblem.None, sealedByThem);
            await ArcKit.ExpectAsync(ArcStatus.Fail, ArcProblem.BodyHash, sealedByThem + "x");
        }
    }

    private static string Base64(string message) => Convert.ToBase64String(DkimKit.Octets(message));

    private static async Task<string> RunAsync(string job)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(job);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }
}
