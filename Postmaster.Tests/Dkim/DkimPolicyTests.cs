using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Dkim;

/// <summary>What verifies and yet proves less than it seems.</summary>
public sealed class DkimPolicyTests
{
    private static readonly DkimSignerOptions Oversigning = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_From_on_top_makes_the_signature_policy(bool lf)
    {
        var signed = "From: Mallory <m@example.com>\r\n" + DkimKit.Sign();
        var result = await DkimKit.VerifyAsync(lf ? DkimKit.WithLf(signed) : signed);
        Assert.Equal((DkimStatus.Policy, DkimProblem.UnsignedFrom), (result.Status, result.Problem));
        Assert.Contains("unsigned From", result.Reason, StringComparison.Ordinal);
        Assert.Equal("From", Assert.Single(result.UnsignedDuplicates));
        Assert.False(result.IsGroundForReport);
    }

    [Theory]
    [InlineData("From: Mallory <m@example.com>\r\n")]
    [InlineData("Subject: You won\r\n")]
    [InlineData("Reply-To: m@example.com\r\n")] // absent when signed, listed all the same
    [InlineData("Content-Type: multipart/mixed; boundary=x\r\n")]
    [InlineData("List-Unsubscribe: <https://example.com/>\r\n")]
    public Task An_oversigned_field_cannot_be_added(string added)
        => DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.SignatureMismatch, added + DkimKit.Sign(options: Oversigning));

    [Fact]
    public async Task A_second_Subject_on_top_passes_with_a_warning()
    {
        var result = await DkimKit.VerifyAsync("Subject: You won\r\nReceived: by a\r\nReceived: by b\r\n" + DkimKit.Sign());
        Assert.Equal(DkimStatus.Pass, result.Status);
        Assert.Equal("Subject", Assert.Single(result.UnsignedDuplicates));
    }

    [Fact]
    public Task Two_From_fields_that_were_signed_both_pass()
        => DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None,
            DkimKit.Sign("From: x@example.org\r\n" + DkimKit.Message, DkimKit.Plain with { SignedFields = ["From", "From"] }));

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task A_length_below_the_body_is_policy_and_says_what_it_covers(int length)
    {
        var signed = DkimKit.Sign(options: DkimKit.Plain with { BodyLength = length });
        var result = await DkimKit.VerifyAsync(signed);
        Assert.Equal((DkimStatus.Policy, DkimProblem.PartialBody), (result.Status, result.Problem));
        Assert.Equal((length, 24L), (result.BodyLength!.Value, result.CanonicalBodyLength!.Value));
        Assert.Contains($"l= covers {length} of 24", result.Reason, StringComparison.Ordinal);
        Assert.False(result.IsGroundForReport);
    }

    [Fact]
    public async Task A_length_of_the_whole_body_passes_until_something_is_appended()
    {
        var signed = DkimKit.Sign(options: DkimKit.Plain with { BodyLength = 24 });
        var result = await DkimKit.VerifyAsync(signed);
        Assert.Equal((DkimStatus.Pass, 24L), (result.Status, result.BodyLength!.Value));
        Assert.True(result.IsGroundForReport);

        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, signed + "\r\n\r\n");
        await DkimKit.ExpectAsync(DkimStatus.Policy, DkimProblem.PartialBody, signed + "Buy now\r\n");
    }

    [Theory]
    [InlineData(25L)]
    [InlineData(long.MaxValue)]
    public async Task A_length_beyond_the_body_fails(long length)
    {
        var signed = DkimKit.Sign(options: DkimKit.Plain with { BodyLength = length });
        await DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.BodyShorterThanSigned, signed);
    }

    [Fact]
    public async Task A_length_of_76_digits_is_read_and_fails()
    {
        const string field = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1; h=From; l={l}; bh={bh}; b={b}";
        await DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.BodyShorterThanSigned, DkimKit.SignAs(field.Replace("{l}", new string('9', 76), StringComparison.Ordinal)));
        await DkimKit.ExpectAsync(DkimStatus.PermError, DkimProblem.SignatureSyntax, DkimKit.SignAs(field.Replace("{l}", new string('9', 77), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Expiry_is_judged_at_the_time_given_with_a_little_patience()
    {
        var signed = DkimKit.Sign(options: DkimKit.Plain with { ExpiresAfter = TimeSpan.FromHours(1) });
        var expiry = DkimKit.Now.AddHours(1);
        Assert.Equal(expiry, (await DkimKit.VerifyAsync(signed)).ExpiresAt);
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, signed, now: expiry.AddMinutes(5));
        await DkimKit.ExpectAsync(DkimStatus.Policy, DkimProblem.Expired, signed, now: expiry.AddMinutes(5).AddSeconds(1));
        await DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.BodyHashMismatch, signed + "x", now: expiry.AddDays(1)); // a forgery stays one
    }

    [Fact]
    public async Task A_signature_from_the_future_is_policy_beyond_the_skew_of_clocks()
    {
        var signed = DkimKit.Sign();
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, signed, now: DkimKit.Now.AddMinutes(-5));
        await DkimKit.ExpectAsync(DkimStatus.Policy, DkimProblem.SignedInFuture, signed, now: DkimKit.Now.AddMinutes(-5).AddSeconds(-1));
    }

    [Fact]
    public async Task A_time_of_arrival_before_the_signature_makes_nothing_expired_and_nothing_come_from_the_future()
    {
        var signed = MessageReader.Read(DkimKit.Octets(DkimKit.Sign(options: DkimKit.Plain with { ExpiresAfter = TimeSpan.FromHours(1) })));
        var results = await new DkimVerifier(DkimKit.Zone()).VerifyAsync(signed, DkimKit.Now.AddHours(-12), DkimKit.Now.AddDays(3), CancellationToken.None);
        Assert.Equal(DkimStatus.Pass, Assert.Single(results).Status);
    }
}
