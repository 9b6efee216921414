using Postmaster.Fbl;
using Postmaster.Fbl.Spf;

namespace Postmaster.Tests.Spf;

public sealed class ReceivedSpfTests
{
    private const string Full = "Pass (mx.example.net: domain of bounce@example.org designates 192.0.2.7 as permitted sender) client-ip=192.0.2.7; "
        + "envelope-from=\"bounce\\\"x@example.org\"; helo=mta.example.org; receiver=mx.example.net;";

    [Fact]
    public void Result_comment_and_pairs_are_read()
    {
        Assert.True(ReceivedSpf.TryParse(Full, out ReceivedSpf? field, out _));
        Assert.Equal(("pass", "192.0.2.7", "bounce\"x@example.org", "mta.example.org", null), (field.Result, field.Value("client-ip"), field.Value("envelope-from"), field.Value("helo"), field.Value("mechanism")));
        Assert.StartsWith("mx.example.net: domain of", field.Comment, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("softfail", "softfail", 0)]
    [InlineData("none client-ip=2001:db8::1", "none", 1)]
    [InlineData("neutral (a (b) c) identity=mailfrom; client-ip=192.0.2.1", "neutral", 2)]
    [InlineData("fail (x) client-ip=192.0.2.1 envelope-from=a@example.org", "fail", 2)]
    public void Shorter_forms_and_those_without_semicolons_are_read(string value, string result, int pairs)
    {
        Assert.True(ReceivedSpf.TryParse(value, out ReceivedSpf? field, out _));
        Assert.Equal((result, pairs), (field.Result, field.Pairs.Count));
    }

    [Theory]
    [InlineData("", "bad-result")]
    [InlineData("maybe client-ip=192.0.2.1", "bad-result")]
    [InlineData("pass (open", "bad-comment")]
    [InlineData("pass nonsense", "bad-pair")]
    [InlineData("pass helo=\"open", "bad-pair")]
    public void What_is_none_says_why(string value, string code)
    {
        Assert.False(ReceivedSpf.TryParse(value, out _, out ParseProblem problem));
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public void Cut_mutated_and_endless_fields_are_read_without_a_fault()
    {
        for (int i = 0; i < Full.Length; i++)
            Assert.Equal(ReceivedSpf.TryParse(Full[..i], out ReceivedSpf? cut, out ParseProblem problem), cut is not null && problem == default);
        var random = new Random(7208);
        for (int i = 0; i < 5000; i++)
        {
            char[] bad = Full.ToCharArray();
            for (int n = random.Next(1, 8); n > 0; n--)
                bad[random.Next(bad.Length)] = "()\"\\=; \ta1\0"[random.Next(11)];
            Assert.Equal(ReceivedSpf.TryParse(new string(bad), out ReceivedSpf? field, out _), field is not null);
        }

        Assert.False(ReceivedSpf.TryParse("pass " + string.Concat(Enumerable.Repeat("a=b;", 100)), out _, out ParseProblem many));
        Assert.Equal("too-many-pairs", many.Code);
        Assert.False(ReceivedSpf.TryParse("pass " + new string('a', 100_000), out _, out ParseProblem length));
        Assert.Equal("too-long", length.Code);
    }
}
