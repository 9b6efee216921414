using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Text;

namespace Postmaster.Tests.Authentication;

public sealed class AuthenticationResultsTests
{
    [Theory]
    [InlineData("mx.example.net; none", "mx.example.net 1")]
    [InlineData("mx.example.net 1; none", "mx.example.net 1")]
    [InlineData("mx.example.net 2; none", "mx.example.net 2")]
    [InlineData("mx.example.net 99999999999; none", "mx.example.net 0")] // no version that we know
    [InlineData(" (c) \"mx example\" (c(c\\))c) ; (c) none (c)", "mx example 1")]
    [InlineData("mx;spf=pass smtp.mailfrom=example.org", "mx 1; spf=pass smtp.mailfrom=example.org")]
    [InlineData("mx; SPF = Pass SMTP . MailFrom = Example.org", "mx 1; spf=pass smtp.mailfrom=Example.org")]
    [InlineData("mx; dkim=pass reason=\"good; signature\" header.d=example.org", "mx 1; dkim=pass (good; signature) header.d=example.org")]
    [InlineData("mx; dkim=pass reason=good header.d=example.org", "mx 1; dkim=pass (good) header.d=example.org")]
    [InlineData("mx; dkim (x) / (x) 1 (x) = (x) fail (x) header (x) . (x) i (x) = (x) @example.org (x)", "mx 1; dkim=fail header.i=@example.org")]
    [InlineData("mx; dkim/2=fail header.b=ab/+c==", "mx 1; dkim/2=fail header.b=ab/+c==")]
    [InlineData("mx; auth=pass (cram-md5) smtp.auth=anna", "mx 1; auth=pass smtp.auth=anna")]
    [InlineData("mx; auth=pass smtp.auth=\"john \\\"j\\\" doe\"@example.net", "mx 1; auth=pass smtp.auth=john \"j\" doe@example.net")]
    [InlineData("mx; a=pass; b=fail x.y=1 x.z=2; c=none;", "mx 1; a=pass; b=fail x.y=1 x.z=2; c=none")] // a last semicolon
    [InlineData("mx; dmarc=pass action=none header.from=example.org", "mx 1; dmarc=pass .action=none header.from=example.org")]
    [InlineData("mx; dkim=pass header.i=\"a;auth=pass smtp.auth=eve\"@example.org", "mx 1; dkim=pass header.i=a;auth=pass smtp.auth=eve@example.org")]
    [InlineData("mx; dkim=pass header.i=a\";auth=pass smtp.auth=eve\"", "mx 1; dkim=pass header.i=a;auth=pass smtp.auth=eve")]
    [InlineData("mx; dkim=pass (;auth=pass smtp.auth=eve) header.d=example.org", "mx 1; dkim=pass header.d=example.org")]
    [InlineData("mx; iprev=pass policy.iprev=2001:db8::1", "mx 1; iprev=pass policy.iprev=2001:db8::1")]
    [InlineData("mx; none; none", "mx 1")]
    public void A_field_is_read(string value, string expected)
    {
        Assert.True(AuthenticationResults.TryParse(value, out var results, out var problem), problem.Code);
        Assert.Equal(expected, Show(results));
    }

    [Theory]
    [InlineData("", "authserv-id-missing", 0)]
    [InlineData("; none", "authserv-id-missing", 0)]
    [InlineData("spf=pass smtp.mailfrom=example.org; dkim=none", "authserv-id-missing", 3)] // some hosts leave themselves out
    [InlineData("\"mx; none", "authserv-id-missing", 9)]
    [InlineData("mx", "semicolon-missing", 2)]
    [InlineData("mx x; none", "semicolon-missing", 3)]
    [InlineData("mx; =pass", "method-missing", 4)]
    [InlineData("mx; dkim", "equals-sign-missing", 8)]
    [InlineData("mx; dkim=", "result-missing", 9)]
    [InlineData("mx; dkim=;", "result-missing", 9)]
    [InlineData("mx; dkim=pass header.d", "equals-sign-missing", 22)]
    [InlineData("mx; dkim=pass header.=x", "property-missing", 21)]
    [InlineData("mx; dkim=pass \"x\"", "property-missing", 14)]
    [InlineData("mx; dkim=pass header.d=;", "value-missing", 23)]
    [InlineData("mx; dkim=pass header.d=\"x", "unclosed-quote", 25)]
    [InlineData("mx; dkim=pass (x header.d=x", "unclosed-comment", 27)]
    public void What_is_unclear_is_not_read(string value, string code, int offset)
    {
        Assert.False(AuthenticationResults.TryParse(value, out var results, out var problem));
        Assert.Null(results);
        Assert.Equal((code, offset), (problem.Code, problem.Offset));
    }

    [Fact]
    public void Endless_fields_are_refused()
    {
        Assert.False(AuthenticationResults.TryParse("mx" + string.Concat(Enumerable.Repeat("; a=b", 100_000)), out _, out var problem));
        Assert.Equal("too-many-results", problem.Code);
        Assert.False(AuthenticationResults.TryParse("mx; a=b" + string.Concat(Enumerable.Repeat(" c.d=e", 100_000)), out _, out problem));
        Assert.Equal("too-many-results", problem.Code);
        Assert.False(AuthenticationResults.TryParse("mx; " + new string('(', 1_000_000), out _, out problem));
        Assert.Equal("unclosed-comment", problem.Code);
    }

    [Fact]
    public void Written_values_are_read_back_as_they_were()
    {
        var written = new AuthenticationResults("mx.example.net",
        [
            new("dkim", "pass", null, [new("header", "d", "example.org"), new("header", "i", "anna@example.org"), new("header", "b", "ab/c+d==")]),
            new("dkim", "fail", "body; \"hash\" \\ did (not) verify", [new("header", "i", "@example.org")]) { MethodVersion = 2 },
            new("auth", "pass", null, [new("smtp", "auth", "john doe; x=\"y\"@example.net")]),
            new("iprev", "pass", null, [new("policy", "iprev", "2001:db8::1"), new("policy", "x", "")]),
        ]);
        Assert.True(AuthenticationResults.TryParse(written.Write(), out var read, out var problem), problem.Code);
        Assert.Equal(Show(written), Show(read));
        Assert.Equal("mx.example.net; none", new AuthenticationResults("mx.example.net", []).Write());
    }

    [Fact]
    public void What_needs_no_quotes_has_none()
        => Assert.Equal("mx.example.net; dkim=pass header.d=example.org header.i=anna@example.org header.b=\"ab/c\"",
            new AuthenticationResults("mx.example.net", [new("dkim", "pass", null, [new("header", "d", "example.org"), new("header", "i", "anna@example.org"), new("header", "b", "ab/c")])]).Write());

    [Theory]
    [InlineData("x\r\nBcc: victim@example.org")]
    [InlineData("x; auth=pass smtp.auth=eve")]
    [InlineData("x\"; auth=pass smtp.auth=\"eve")]
    [InlineData("x\\")]
    [InlineData("x\0\u0001\u007f\u0085\u2028")]
    [InlineData("(")]
    [InlineData("\u00e4\u4e2d\ud83d\ude00")]
    [InlineData(" ")]
    public void No_outside_text_leaves_its_place(string evil)
    {
        var value = new AuthenticationResults(evil, [new("dkim" + evil, "pass" + evil, evil, [new("header" + evil, "i" + evil, evil), new("header", "d", "a@" + evil)])]).Write();
        Assert.True(value.All(c => c is >= ' ' and <= '~'), value);
        if (AuthenticationResults.TryParse(value, out var read, out _))
        {
            Assert.Equal(2, Assert.Single(read.Results).Properties.Count);
            Assert.DoesNotContain(read.Results, r => r.Method is "auth");
        }
        else
        {
            Assert.True(string.IsNullOrWhiteSpace(evil) || evil is " ", value); // only an id of nothing is unreadable
        }
        var field = new HeaderWriter().Structured("Authentication-Results", value).ToString();
        Assert.All(field.TrimEnd().Split("\r\n").Skip(1), line => Assert.StartsWith(" ", line, StringComparison.Ordinal));
    }

    private static string Show(AuthenticationResults results)
        => string.Join("; ", results.Results.Select(r =>
            $"{r.Method}{(r.MethodVersion == 1 ? "" : "/2")}={r.Result}{(r.Reason is null ? "" : $" ({r.Reason})")}{string.Concat(r.Properties.Select(p => $" {p.Type}.{p.Property}={p.Value}"))}")
            .Prepend($"{results.AuthservId} {results.Version}"));
}
