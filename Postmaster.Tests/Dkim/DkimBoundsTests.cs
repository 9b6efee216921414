using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Dkim;

/// <summary>Several signatures, hostile ones, and mail that is cut or garbled.</summary>
public sealed class DkimBoundsTests
{
    [Fact]
    public async Task Every_signature_is_judged_by_itself()
    {
        var twice = DkimKit.Sign(DkimKit.Sign(key: DkimKit.Ed25519));
        var broken = twice.Replace("s=s1;", "s=s3;", StringComparison.Ordinal);

        Assert.Equal([DkimStatus.Pass, DkimStatus.Pass], (await DkimKit.VerifyAllAsync(twice)).Select(r => r.Status));
        Assert.Equal([DkimStatus.PermError, DkimStatus.Pass], (await DkimKit.VerifyAllAsync(broken)).Select(r => r.Status));
    }

    [Fact]
    public async Task Without_a_signature_there_is_no_verdict()
        => Assert.Empty(await DkimKit.VerifyAllAsync(DkimKit.Message));

    [Fact]
    public async Task Of_thousands_of_signatures_the_first_sixteen_are_judged_and_one_verdict_stands_for_the_rest()
    {
        var zone = DkimKit.Zone();
        var message = new StringBuilder();
        for (var i = 0; i < 1_900; i++)
            message.Append("DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=x").Append(i).Append("; h=From; bh=").Append(Convert.ToBase64String(new byte[32])).Append("; b=AAAA\r\n");
        var results = await DkimKit.VerifyAllAsync(message + DkimKit.Sign(), zone);

        Assert.Equal(17, results.Count);
        Assert.All(results.Take(16), r => Assert.Equal(DkimProblem.NoKey, r.Problem));
        Assert.Equal((DkimStatus.Neutral, DkimProblem.TooManySignatures), (results[16].Status, results[16].Problem));
        Assert.Contains("1885 not judged", results[16].Reason, StringComparison.Ordinal);
        Assert.Equal(16, zone.Queries.Count);
    }

    [Fact]
    public async Task Signatures_that_share_a_key_ask_for_it_once_and_broken_ones_never()
    {
        var zone = DkimKit.Zone();
        var signed = "DKIM-Signature: v=1; a=rsa-sha1; d=example.org; s=s9; h=From; bh=; b=\r\nDKIM-Signature: rubbish\r\n" + DkimKit.Sign(DkimKit.Sign());
        Assert.Equal(4, (await DkimKit.VerifyAllAsync(signed, zone)).Count);
        Assert.Equal(DkimKit.KeyName, Assert.Single(zone.Queries).Name);
    }

    [Fact]
    public async Task A_list_of_thousands_of_fields_is_refused()
    {
        var names = string.Join(':', Enumerable.Repeat("From", 20_000));
        await DkimKit.ExpectAsync(DkimStatus.PermError, DkimProblem.TooManySignedFields,
            $"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h={names}; bh={Convert.ToBase64String(new byte[32])}; b=AAAA\r\n" + DkimKit.Message);
    }

    [Theory]
    [InlineData("v=1; a=rsa-sha256; d=example.org; s=s1; h=From; bh={bh}; b=AAAA")] // too short for the key
    [InlineData("v=1; a=ed25519-sha256; d=example.org; s=s2; h=From; bh={bh}; b=AAAA")]
    public Task A_signature_of_the_wrong_length_fails(string field)
        => DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.SignatureMismatch,
            "DKIM-Signature: c=relaxed/relaxed; " + field.Replace("{bh}", DkimKit.BodyHash("x", DkimCanonicalization.Relaxed), StringComparison.Ordinal) + "\r\nFrom: a@example.org\r\n\r\nx");

    [Fact]
    public async Task Octets_that_are_no_text_are_signed_and_verified_as_they_are()
    {
        const string message = "From: a@example.org\r\nSubject: caf\u00e9 \u00ff\0 x\r\n\r\n\u0080\u00ff\0\u00a0 \r\nx\r\n";
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.Sign(message));
        await DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.BodyHashMismatch, DkimKit.Sign(message).Replace("\u00a0 \r\n", "\u00a1 \r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("From: a@example.org\r\n")] // no blank line, no body
    [InlineData("From: a@example.org\r\n\r\n")]
    [InlineData("From: a@example.org\r\n\r\n\r\n\r\n")]
    [InlineData("From: a@example.org\r\n\r\nno line end")]
    public async Task Empty_and_unended_bodies_verify(string message)
    {
        foreach (var body in Enum.GetValues<DkimCanonicalization>())
        {
            var signed = DkimKit.Sign(message, DkimKit.Plain with { BodyCanonicalization = body });
            await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, signed);
            await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.WithLf(signed));
        }
    }

    [Fact]
    public async Task A_message_cut_anywhere_never_passes_before_its_last_visible_octet()
    {
        var signed = DkimKit.Octets(DkimKit.Sign());
        var verifier = new DkimVerifier(DkimKit.Zone());
        var lastVisible = signed.AsSpan().LastIndexOfAnyExcept(" \r\n"u8);
        for (var cut = 0; cut <= signed.Length; cut++)
        {
            var results = await verifier.VerifyAsync(MessageReader.Read(signed.AsMemory(0, cut)), DkimKit.Now, CancellationToken.None);
            if (cut <= lastVisible)
                Assert.DoesNotContain(results, r => r.Status == DkimStatus.Pass);
            Assert.All(results, r => Assert.NotEmpty(r.Reason));
        }
    }

    [Fact]
    public void Every_problem_has_words_and_a_status()
    {
        foreach (var problem in Enum.GetValues<DkimProblem>())
        {
            Assert.NotEmpty(DkimProblemText.Of(problem));
            Assert.Equal(problem == DkimProblem.None, DkimVerdict.StatusOf(problem) == DkimStatus.Pass);
        }
    }
}
