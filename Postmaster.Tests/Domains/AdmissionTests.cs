using Postmaster.Fbl.Dns;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>Which names can be added, and what the page says of DNS.</summary>
public sealed class AdmissionTests : IAsyncLifetime
{
    private DomainsStage _stage = default!;
    private Guid _ann;

    public async Task InitializeAsync()
    {
        _stage = await DomainsStage.OpenAsync(o => o.MaxPerAccount = 3);
        _ann = await _stage.UserAsync("ann@owner.example");
    }

    public async Task DisposeAsync() => await _stage.DisposeAsync();

    [Theory]
    [InlineData("", AddClaimProblem.Empty, null)]
    [InlineData("   ", AddClaimProblem.Empty, null)]
    [InlineData("localhost", AddClaimProblem.SingleLabel, null)]
    [InlineData("_dmarc.news.example", AddClaimProblem.NotAName, "news.example")]
    [InlineData("s1._domainkey.news.example", AddClaimProblem.NotAName, "news.example")]
    [InlineData("192.0.2.1", AddClaimProblem.IpAddress, null)]
    [InlineData("[2001:db8::1]", AddClaimProblem.IpAddress, null)]
    [InlineData("ann@Example.org", AddClaimProblem.MailAddress, "example.org")]
    [InlineData("@example.org", AddClaimProblem.MailAddress, "example.org")]
    [InlineData("Ann <ann@example.org>", AddClaimProblem.MailAddress, "example.org")]
    [InlineData("https://www.example.org/news?x=1", AddClaimProblem.WebAddress, "www.example.org")]
    [InlineData("*.example.org", AddClaimProblem.NotAName, "example.org")]
    [InlineData("exa mple.org", AddClaimProblem.NotAName, null)]
    [InlineData("example..org", AddClaimProblem.NotAName, null)]
    [InlineData("example.org\r\nX: y", AddClaimProblem.NotAName, null)]
    [InlineData("fbl.provider.example", AddClaimProblem.ProvidersOwn, null)]
    [InlineData("x.FBL.provider.example", AddClaimProblem.ProvidersOwn, null)]
    public async Task What_is_no_domain_is_refused_with_what_was_meant(string text, AddClaimProblem problem, string? suggestion) =>
        Assert.Equal(new AddClaimResult.Refused(problem, suggestion), await _stage.Claims.AddAsync(_ann, text, CancellationToken.None));

    [Fact]
    public async Task A_name_without_room_for_the_record_is_refused()
    {
        string longest = string.Join('.', Enumerable.Repeat(new string('a', 60), 4)) + ".example"; // 251 octets
        Assert.Equal(new AddClaimResult.Refused(AddClaimProblem.TooLong), await _stage.Claims.AddAsync(_ann, longest, CancellationToken.None));
    }

    [Fact]
    public async Task Unicode_is_stored_as_A_labels_and_found_by_either()
    {
        var added = Assert.IsType<AddClaimResult.Added>(await _stage.Claims.AddAsync(_ann, " Bücher.Example. ", CancellationToken.None));
        Assert.Equal("xn--bcher-kva.example", added.Domain);
        var access = _stage.Get<DomainAccess>();
        foreach (string text in (string[])["bücher.example", "xn--bcher-kva.example", "XN--BCHER-KVA.EXAMPLE"])
            Assert.Equal(added.ClaimId, (await access.FindAsync(DomainsStage.Principal(_ann), text, CancellationToken.None))?.ClaimId);
        Assert.Equal(new AddClaimResult.Already("xn--bcher-kva.example"), await _stage.Claims.AddAsync(_ann, "BÜCHER.example", CancellationToken.None));
    }

    [Theory]
    [InlineData("v=DMARC1; p=reject; psd=y", true)]
    [InlineData("v=DMARC1;psd = y;p=none", true)]
    [InlineData("v=DMARC1; p=none; psd=n", false)]
    [InlineData("v=DMARC1; p=none; psd=u", false)]
    [InlineData("psd=y; v=DMARC1", false)] // v= comes first or it is no DMARC record
    [InlineData("v=spf1 psd=y", false)]
    public async Task A_name_whose_dns_says_psd_is_a_registrys(string record, bool refused)
    {
        _stage.Zone.AddTxt("_dmarc.registry.example", record);
        AddClaimResult result = await _stage.Claims.AddAsync(_ann, "registry.example", CancellationToken.None);
        Assert.Equal(refused, result is AddClaimResult.Refused { Problem: AddClaimProblem.Registry });
        Assert.IsType<AddClaimResult.Added>(await _stage.Claims.AddAsync(_ann, "mine.registry.example", CancellationToken.None));
    }

    [Fact]
    public async Task Psd_is_asked_again_before_a_claim_is_proved_and_silence_waits()
    {
        _stage.Zone.Fail("_dmarc.registry.example");
        Guid claim = await _stage.AddAsync(_ann, "registry.example");
        await _stage.PublishAsync(claim);
        Assert.Equal(ClaimState.Pending, await _stage.AfterAsync(TimeSpan.FromMinutes(5), claim));
        Assert.Contains("_dmarc.registry.example", (await _stage.ClaimAsync(claim)).LastAnswer, StringComparison.Ordinal);
        _stage.Zone.Recover("_dmarc.registry.example").AddTxt("_dmarc.registry.example", "v=DMARC1; p=none; psd=y");
        Assert.Equal(ClaimState.Pending, await _stage.AfterAsync(TimeSpan.FromMinutes(5), claim));
        Assert.Contains("psd=y", (await _stage.ClaimAsync(claim)).LastAnswer, StringComparison.Ordinal);
        _stage.Zone.Remove("_dmarc.registry.example");
        Assert.Equal(ClaimState.Proved, await _stage.AfterAsync(TimeSpan.FromMinutes(5), claim));
    }

    [Fact]
    public async Task An_account_has_a_bounded_number_of_domains_even_if_it_removes_them()
    {
        Guid first = await _stage.AddAsync(_ann, "a.example");
        await _stage.AddAsync(_ann, "b.example");
        await _stage.AddAsync(_ann, "c.example");
        await _stage.Claims.RemoveAsync(first, Guid.NewGuid(), CancellationToken.None);
        Assert.Equal(new AddClaimResult.Refused(AddClaimProblem.TooMany), await _stage.Claims.AddAsync(_ann, "d.example", CancellationToken.None));
        _stage.Time.Advance(TimeSpan.FromDays(1));
        await _stage.AddAsync(_ann, "d.example");
    }

    [Fact]
    public async Task An_operator_may_add_the_providers_own_domain() =>
        await _stage.AddAsync(await _stage.UserAsync("op@provider.example", isOperator: true), "fbl.provider.example");

    [Fact]
    public void A_token_holds_160_bits_in_lower_case_base32()
    {
        string[] tokens = [.. Enumerable.Range(0, 200).Select(_ => Challenge.NewToken())];
        Assert.Equal(200, tokens.Distinct(StringComparer.Ordinal).Count());
        Assert.All(tokens, t => Assert.Matches("^[a-z2-7]{32}$", t));
        Assert.All(Enumerable.Range(0, 32), place => Assert.True(tokens.Select(t => t[place]).Distinct().Count() > 10));
    }

    [Theory]
    [InlineData("postmaster-verification=nope", "found another value: postmaster-verification=nope from 192.0.2.53")]
    [InlineData("<script>\n\"é\u0007", "found another value: <script>?\"??? from 192.0.2.53")] // é is two octets
    [InlineData("", "found another value: (empty) from 192.0.2.53")]
    public async Task Another_value_is_shown_in_printable_ascii(string record, string answer)
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        _stage.Zone.AddTxt("_postmaster-challenge.news.example", record);
        Assert.Equal(answer, await LookAsync(claim));
    }

    [Fact]
    public async Task A_long_value_is_cut_and_the_column_bears_it()
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        _stage.Zone.AddTxt("_postmaster-challenge.news.example", new string('x', 5000)).AddTxt("_postmaster-challenge.news.example", "other");
        Assert.Equal($"found 2 other values, one of them {new string('x', 60)}… from 192.0.2.53", await LookAsync(claim));
    }

    [Fact]
    public async Task Absence_and_silence_are_told_apart()
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        Assert.Equal("NXDOMAIN from 192.0.2.53", await LookAsync(claim));
        _stage.Zone.AddAddress("_postmaster-challenge.news.example", "192.0.2.1");
        Assert.Equal("no TXT record there (NODATA) from 192.0.2.53", await LookAsync(claim));
        _stage.Zone.Fail("_postmaster-challenge.news.example", DnsStatus.Timeout);
        Assert.StartsWith("no answer ", await LookAsync(claim), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_button_tells_where_a_misplaced_record_is()
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        string value = Challenge.Prefix + (await _stage.ClaimAsync(claim)).Token;
        _stage.Zone.AddTxt("_postmaster-challenge.news.example.news.example", value);
        Assert.EndsWith("; the value is at _postmaster-challenge.news.example.news.example instead", await LookAsync(claim), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quotes_strings_and_neighbours_do_not_hide_the_record_but_its_case_counts()
    {
        Guid claim = await _stage.AddAsync(_ann, "news.example");
        string value = Challenge.Prefix + (await _stage.ClaimAsync(claim)).Token, name = "_postmaster-challenge.news.example";
        _stage.Zone.AddTxt(name, "postmaster-verification=somebody-elses").AddTxt(name, value.ToUpperInvariant());
        Assert.StartsWith("found 2 other values", await LookAsync(claim), StringComparison.Ordinal);
        _stage.Zone.Add(new TxtRecord(name, ZoneResolver.DefaultTtl, [" \""u8.ToArray(), System.Text.Encoding.ASCII.GetBytes(value[..30]), System.Text.Encoding.ASCII.GetBytes(value[30..] + "\" ")]));
        Assert.Equal("found, from 192.0.2.53", await LookAsync(claim));
    }

    private async Task<string?> LookAsync(Guid claim)
    {
        _stage.Time.Advance(ClaimStore.CheckPause);
        Assert.True(await _stage.Checks.CheckNowAsync(claim, CancellationToken.None));
        return (await _stage.ClaimAsync(claim)).LastAnswer;
    }
}
