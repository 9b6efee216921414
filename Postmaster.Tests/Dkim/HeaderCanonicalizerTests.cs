using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Dkim;

public sealed class HeaderCanonicalizerTests
{
    [Theory]
    [InlineData("Subject: x\r\n", "Subject: x\r\n", "subject:x\r\n")]
    [InlineData("SUBJect \t:\t x  y \r\n", "SUBJect \t:\t x  y \r\n", "subject:x y\r\n")]
    [InlineData("A: b\r\n\tc\r\n  d\r\n", "A: b\r\n\tc\r\n  d\r\n", "a:b c d\r\n")]
    [InlineData("A:\r\n b\r\n", "A:\r\n b\r\n", "a:b\r\n")]
    [InlineData("A:b\n c\n", "A:b\r\n c\r\n", "a:b c\r\n")] // bare LF
    [InlineData("A:\r\n", "A:\r\n", "a:\r\n")]
    [InlineData("A:  \t \r\n", "A:  \t \r\n", "a:\r\n")]
    [InlineData("A: b", "A: b\r\n", "a:b\r\n")] // the line end was cut off
    [InlineData("A: \u00e4\u00a0\u00a0=?utf-8?q?x?=\r\n", "A: \u00e4\u00a0\u00a0=?utf-8?q?x?=\r\n", "a:\u00e4\u00a0\u00a0=?utf-8?q?x?=\r\n")] // nothing is decoded
    [InlineData("A: b\rc\r\n", "A: b\rc\r\n", "a:b\rc\r\n")]
    [InlineData("A: b:C: D\r\n", "A: b:C: D\r\n", "a:b:C: D\r\n")]
    public void A_field_takes_the_form_of_the_RFC(string field, string simple, string relaxed)
    {
        Assert.Equal(simple, Canonical(field, DkimCanonicalization.Simple));
        Assert.Equal(relaxed, Canonical(field, DkimCanonicalization.Relaxed));
    }

    [Theory]
    [InlineData(DkimCanonicalization.Simple, "DKIM-Signature: bh=x;\r\n b=;  z=b=9")]
    [InlineData(DkimCanonicalization.Relaxed, "dkim-signature:bh=x; b=; z=b=9")]
    public void The_signature_field_loses_the_value_of_b_and_its_line_end(DkimCanonicalization canonicalization, string expected)
    {
        const string field = "DKIM-Signature: bh=x;\r\n b= q\r\n r ;  z=b=9\r\n";
        var from = field.IndexOf("b= q", StringComparison.Ordinal) + 2;
        using var octets = new PooledOctets(1);
        HeaderCanonicalizer.WriteSignature(DkimKit.Octets(field), from..field.IndexOf(";  z", StringComparison.Ordinal), canonicalization, octets);
        Assert.Equal(expected, Encoding.Latin1.GetString(octets.Written));
    }

    [Fact]
    public void Fields_are_taken_from_the_bottom_and_run_out_silently()
    {
        var message = MessageReader.Read("A: 1\r\nB: x\r\na: 2\r\nDKIM-Signature: self\r\nA: 3\r\nDKIM-Signature: other\r\n\r\n"u8.ToArray());
        using var octets = new PooledOctets(1);
        new FieldSelector(message.Headers).Write(["a", "Missing", "A", "DKIM-Signature", "DKIM-Signature", "a", "a"], self: 3, DkimCanonicalization.Relaxed, octets);
        Assert.Equal("a:3\r\na:2\r\ndkim-signature:other\r\na:1\r\n", Encoding.Latin1.GetString(octets.Written));
    }

    private static string Canonical(string field, DkimCanonicalization canonicalization)
    {
        using var octets = new PooledOctets(1);
        HeaderCanonicalizer.Write(DkimKit.Octets(field), canonicalization, octets);
        return Encoding.Latin1.GetString(octets.Written);
    }
}
