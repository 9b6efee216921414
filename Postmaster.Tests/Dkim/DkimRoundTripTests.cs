using Postmaster.Fbl.Dkim;

namespace Postmaster.Tests.Dkim;

public sealed class DkimRoundTripTests
{
    public static TheoryData<DkimCanonicalization, DkimCanonicalization, bool, bool> Ways()
    {
        var ways = new TheoryData<DkimCanonicalization, DkimCanonicalization, bool, bool>();
        foreach (var header in Enum.GetValues<DkimCanonicalization>())
        {
            foreach (var body in Enum.GetValues<DkimCanonicalization>())
            {
                foreach (var rsa in new[] { true, false })
                {
                    ways.Add(header, body, rsa, false);
                    ways.Add(header, body, rsa, true);
                }
            }
        }
        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_the_signer_signs_the_verifier_passes_with_LF_and_CRLF(DkimCanonicalization header, DkimCanonicalization body, bool rsa, bool lf)
    {
        var options = new DkimSignerOptions { HeaderCanonicalization = header, BodyCanonicalization = body };
        var signed = DkimKit.Sign(DkimKit.Message, options, rsa ? DkimKit.Rsa : DkimKit.Ed25519);
        var result = await DkimKit.VerifyAsync(lf ? DkimKit.WithLf(signed) : signed);

        Assert.Equal(DkimStatus.Pass, result.Status);
        Assert.Equal(DkimKit.Domain, result.Domain);
        Assert.Equal(rsa ? "rsa-sha256" : "ed25519-sha256", result.Algorithm);
        Assert.Equal(rsa ? 2048 : 256, result.KeyBits);
        Assert.Equal(DkimKit.Now, result.SignedAt);
        Assert.Equal("@example.org", result.Identity);
        Assert.Equal(lf, result.BareLineFeeds);
        Assert.Equal(8, result.SignaturePrefix.Length);
        Assert.True(result.IsGroundForReport);
    }

    [Theory]
    [InlineData("Hello  Bob", "Hello  Rob", DkimProblem.BodyHashMismatch)]
    [InlineData("The  meeting", "The  feast", DkimProblem.SignatureMismatch)]
    [InlineData("From: Anna", "From: Hanna", DkimProblem.SignatureMismatch)]
    [InlineData("s=s1;", "s=s1; n=;", DkimProblem.SignatureMismatch)] // the signature field is signed, too
    [InlineData("t=1772", "t=1771", DkimProblem.SignatureMismatch)]
    [InlineData("To: bob@example.net\r\n", "", DkimProblem.SignatureMismatch)]
    public async Task A_change_on_the_way_fails(string from, string to, DkimProblem problem)
    {
        var signed = DkimKit.Sign();
        var changed = signed.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(signed, changed, StringComparer.Ordinal);
        await DkimKit.ExpectAsync(DkimStatus.Fail, problem, changed);
    }
}
