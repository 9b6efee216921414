using System.Text;
using Postmaster.Fbl;
using Postmaster.Fbl.MtaSts;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.MtaSts;

public sealed class MtaStsParserTests
{
    private const string Good = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmx: *.pool.example.org\nmax_age: 604800\n";

    [Theory]
    [InlineData("v=STSv1; id=20260301T100000;", "20260301T100000")]
    [InlineData("v=STSv1;id=a", "a")]
    [InlineData("v=STSv1 ; more=x y; id=12345678901234567890123456789012", "12345678901234567890123456789012")]
    [InlineData("v=STSv1; id=first; id=bad id", "first")]
    public void A_record_gives_its_id(string text, string id)
    {
        Assert.True(MtaStsRecord.TryParse(text, out MtaStsRecord? record, out ParseProblem problem));
        Assert.Equal((id, default), (record.Id, problem));
    }

    [Theory]
    [InlineData("v=STSv1", "no-version")]
    [InlineData("v=STSv10; id=1", "no-version")]
    [InlineData("V=STSv1; id=1", "no-version")]
    [InlineData(" v=STSv1; id=1", "no-version")]
    [InlineData("v=STSv1;", "no-id")]
    [InlineData("v=STSv1; ID=1", "no-id")]
    [InlineData("v=STSv1; id=", "bad-id")]
    [InlineData("v=STSv1; id=2026-03-01", "bad-id")]
    [InlineData("v=STSv1; id=123456789012345678901234567890123", "bad-id")]
    [InlineData("v=STSv1;; id=1", "bad-field")]
    [InlineData("v=STSv1; id", "bad-field")]
    public void A_record_that_is_none_says_why(string text, string code)
    {
        Assert.False(MtaStsRecord.TryParse(text, out _, out ParseProblem problem));
        Assert.Equal(code, problem.Code);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void A_policy_is_read_with_either_line_end(string end)
    {
        Assert.True(TryParse(Good.Replace("\n", end, StringComparison.Ordinal), out MtaStsPolicy? policy, out _));
        Assert.Equal((MtaStsMode.Enforce, TimeSpan.FromDays(7), "mx.example.org *.pool.example.org"), (policy!.Mode, policy.MaxAge, string.Join(' ', policy.Mx)));
    }

    [Fact]
    public void Unknown_keys_are_passed_over_and_the_first_of_two_counts()
    {
        Assert.True(TryParse(Good + "mode: nonsense\nmax_age: -1\nfuture: x: y\n\n", out MtaStsPolicy? policy, out _));
        Assert.Equal(MtaStsMode.Enforce, policy!.Mode);
    }

    [Fact]
    public void The_mode_none_needs_no_mx() => Assert.True(TryParse("version:STSv1\nmode:none\nmax_age:0", out _, out _));

    [Theory]
    [InlineData("version: STSv1", "version: STSv2", "bad-version", 1)]
    [InlineData("version: STSv1\n", "", "no-version", 0)]
    [InlineData("mode: enforce", "mode: Enforce", "bad-mode", 2)]
    [InlineData("mode: enforce\n", "", "no-mode", 0)]
    [InlineData("max_age: 604800", "max_age: 31557601", "bad-max-age", 5)]
    [InlineData("max_age: 604800", "max_age: +1", "bad-max-age", 5)]
    [InlineData("max_age: 604800", "max_age: 1 week", "bad-max-age", 5)]
    [InlineData("max_age: 604800\n", "", "no-max-age", 0)]
    [InlineData("mx: mx.example.org\nmx: *.pool.example.org\n", "", "no-mx", 0)]
    [InlineData("mx: mx.example.org", "mx: m*.example.org", "bad-mx", 3)]
    [InlineData("mx: mx.example.org", "mx: 10 mx.example.org", "bad-mx", 3)]
    [InlineData("mx: mx.example.org", "<html>", "bad-line", 3)]
    public void A_policy_that_is_none_says_why_and_where(string good, string bad, string code, int line)
    {
        Assert.False(TryParse(Good.Replace(good, bad, StringComparison.Ordinal), out _, out ParseProblem problem));
        Assert.Equal((code, line), (problem.Code, problem.Offset));
    }

    [Theory]
    [InlineData("MX.example.org", true)]
    [InlineData("mx2.example.org", false)]
    [InlineData("a.pool.example.org", true)]
    [InlineData("a.b.pool.example.org", false)]
    [InlineData("pool.example.org", false)]
    public void The_asterisk_stands_for_one_label(string host, bool allowed)
    {
        Assert.True(TryParse(Good, out MtaStsPolicy? policy, out _));
        Assert.Equal(allowed, policy!.Allows(DomainName.Parse(host)));
    }

    [Fact]
    public void Cut_and_mutated_files_are_read_without_a_fault()
    {
        byte[] good = Encoding.UTF8.GetBytes(Good);
        for (int i = 0; i < good.Length; i++)
            Assert.False(MtaStsPolicy.TryParse(good.AsSpan(0, i), out _, out _) && i < good.Length - "04800\n".Length);
        var random = new Random(8461);
        for (int i = 0; i < 3000; i++)
        {
            byte[] bad = [.. good];
            for (int n = random.Next(1, 6); n > 0; n--)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            bool read = MtaStsPolicy.TryParse(bad, out MtaStsPolicy? policy, out ParseProblem problem);
            Assert.Equal(read, policy is not null);
            Assert.Equal(read, problem == default);
            Assert.False(MtaStsRecord.TryParse(Encoding.Latin1.GetString(bad), out _, out _));
        }
    }

    [Fact]
    public void A_file_of_nothing_but_lines_is_refused()
    {
        Assert.False(TryParse(Good + string.Concat(Enumerable.Repeat("a: b\n", 5000)), out _, out ParseProblem problem));
        Assert.Equal("too-many-lines", problem.Code);
    }

    private static bool TryParse(string text, out MtaStsPolicy? policy, out ParseProblem problem) => MtaStsPolicy.TryParse(Encoding.UTF8.GetBytes(text), out policy, out problem);
}
