using System.Text;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Features.Samples.Pages;

namespace Postmaster.Tests.Samples;

/// <summary>Octets of hostile mails on the page: visible, bounded, never markup.</summary>
public sealed class PagesEvidenceTests
{
    [Fact]
    public void The_marked_octets_are_those_of_the_range_with_their_line_around()
    {
        byte[] mail = "From: a@b.example\r\nSubject: one two three\r\n\r\nbody\r\n"u8.ToArray();
        IReadOnlyList<EvidencePart> parts = EvidenceText.Cut(mail, [new ByteRange(mail.AsSpan().IndexOf("two"u8), 3, "word")]);

        EvidencePart marked = Assert.Single(parts, p => p.IsMarked);
        Assert.Equal(("two", "word"), (marked.Text, marked.Label));
        Assert.Contains("Subject: one two three\n", string.Concat(parts.Select(p => p.Text)), StringComparison.Ordinal);
        Assert.DoesNotContain("From:", string.Concat(parts.Select(p => p.Text)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\rb\r\n", 1, 1, "\u240D")] // a bare CR
    [InlineData("a\nb\r\n", 1, 1, "\u240A\n")] // a bare LF among CRLF
    [InlineData("a\0b\r\n", 1, 1, "\u2400")]
    [InlineData("a\u001b[31mb\r\n", 1, 1, "\u241B")]
    [InlineData("a\u00ffb\r\n", 1, 1, "\\xFF")] // no UTF-8
    [InlineData("ab\r\n", 2, 2, "\u240D\u240A\n")]
    [InlineData("a  \r\n", 1, 2, "\u2420\u2420")]
    public void What_cannot_be_seen_is_shown_by_a_sign(string latin1, int offset, int length, string shown) =>
        Assert.Equal(shown, Assert.Single(EvidenceText.Cut(Encoding.Latin1.GetBytes(latin1), [new ByteRange(offset, length, "x")]), p => p.IsMarked).Text);

    [Fact]
    public void Marks_of_direction_do_not_reach_the_page() =>
        Assert.DoesNotContain('\u202E', string.Concat(EvidenceText.Cut(Encoding.UTF8.GetBytes("a\u202Eb\r\n"), [new ByteRange(0, 5, "x")]).Select(p => p.Text)));

    [Theory]
    [InlineData(-5, 10)]
    [InlineData(0, int.MaxValue)]
    [InlineData(1000, 5)]
    [InlineData(3, -1)]
    public void Ranges_that_lie_outside_do_no_harm(int offset, int length) =>
        Assert.True(EvidenceText.Cut("Subject: x\r\n\r\n"u8, [new ByteRange(offset, length, "x")]).Count < 10);

    [Fact]
    public void Any_octets_and_ranges_give_bounded_text()
    {
        var random = new Random(4711);
        for (int round = 0; round < 500; round++)
        {
            byte[] mail = new byte[random.Next(0, 3000)];
            random.NextBytes(mail);
            IEnumerable<ByteRange> ranges = Enumerable.Range(0, 20).Select(_ => new ByteRange(random.Next(-10, 3200), random.Next(0, 4000), "x")).ToList();
            string text = string.Concat(EvidenceText.Cut(mail, ranges).Select(p => p.Text));
            Assert.True(text.Length < EvidenceText.MaxRanges * 2500, $"{text.Length} characters in round {round}");
            Assert.DoesNotContain(text, c => char.IsControl(c) && c is not ('\n' or '\t'));
        }
    }

    [Fact]
    public async Task A_hostile_mail_is_text_and_its_page_stays_small()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        var mail = new StringBuilder("Subject: <script>alert(1)</script>\r\nFrom: \"<img src=x onerror=alert(1)>\" <a@b.example>, c@d.example\r\n");
        for (int i = 0; i < 300; i++)
            mail.Append("DKIM-Signature: v=1; a=rsa-sha256; d=<b>").Append('\'', 60).Append(i).Append(".example; s=<script>; h=From; bh=\"&\"; b=x\r\n");
        mail.Append("List-Unsubscribe: <javascript:alert(1)>, <https://x.example/\"onmouseover=alert(1)>\r\nContent-Type: text/html\r\n\r\n<script>alert(2)</script>")
            .Append("<a href='javascript:alert(3)'>unsubscribe</a>\r\n\0\r\n\u001b[31m").Append('<', 40_000).Append("\r\n");

        PortalPage page = await owner.UploadAsync(Encoding.Latin1.GetBytes(mail.ToString()));

        Assert.Equal(System.Net.HttpStatusCode.OK, page.Status);
        Assert.NotEmpty(page.Document.QuerySelectorAll("details.topic"));
        Assert.Empty(page.Document.QuerySelectorAll("main script, main img, main b, main [onerror], main [onmouseover], main a[href^='javascript']"));
        Assert.True(Encoding.UTF8.GetByteCount(page.Html) < 60 * 1024, $"{page.Html.Length} characters");
    }
}
