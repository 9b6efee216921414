using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Arf;

/// <summary>Senders who hide the recipient's address where a report might carry it back to them.</summary>
public sealed class HiddenAddressTests
{
    private static readonly MailAddress Ann = MailAddress.Parse("ann.smith@mail.example");
    private static readonly RedactionKey Key = RedactionKey.ForOwner(new byte[32], "owner-1");

    private static string Redact(string text) =>
        Encoding.Latin1.GetString(Redactor.Redact(MessageReader.Read(Encoding.Latin1.GetBytes(text)), Ann, Key, RedactionMode.Recipient));

    [Theory]
    [InlineData("ann.smith=mail.example")]
    [InlineData("ann.smith-at-mail.example")]
    [InlineData("ann.smith_at_mail.example")]
    [InlineData("ann.smith.at.mail.example")]
    [InlineData("ann.smith-mail.example")]
    [InlineData("ann.smith+mail.example")]
    [InlineData("ann.smith#mail.example")]
    [InlineData("ann.smith%mail.example")]
    [InlineData("ann.smith!mail.example")]
    [InlineData("ann.smith*mail.example")]
    [InlineData("ann.smith**mail.example")]
    [InlineData("ann.smith_mail.example")]
    [InlineData("ann.smith.mail.example")]
    [InlineData("ann.smith/mail.example")]
    [InlineData("ann.smith:mail.example")]
    [InlineData("ann.smith|mail.example")]
    [InlineData("ann.smith(at)mail.example")]
    [InlineData("ann.smith[at]mail.example")]
    [InlineData("ann.smith at mail.example")]
    [InlineData("ANN.SMITH-AT-MAIL.EXAMPLE")]
    public void However_the_at_sign_is_written(string verp)
    {
        foreach (var around in new[] { "Message-ID: <bounce-17-{0}@esp.example>\r\n\r\nx", "X-Token: 1.{0}.2\r\n\r\nx", "A: 1\r\n\r\nhttps://esp.example/u/{0}/x" })
        {
            var redacted = Redact(string.Format(System.Globalization.CultureInfo.InvariantCulture, around, verp));
            Assert.DoesNotContain("smith", redacted, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("mail.example", redacted, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("X-Note: ann.smith@\r\n\t\tmail.example\r\n\r\nx")]
    [InlineData("X-Note: ann.smith\r\n   @mail.example\r\n\r\nx")]
    [InlineData("X-Note: ann.smi\r\n  th@mail.example\r\n\r\nx")]
    [InlineData("X-Note: ann.smith@mail.\n\t example\r\n\r\nx")]
    [InlineData("Received: from a by b for <ann.smi\r\n th@mail.example>; Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\nx")]
    [InlineData("A: 1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nann.sm=\r\nith@mail=\r\n.example")]
    [InlineData("A: 1\r\nContent-Transfer-Encoding: Quoted-Printable (as ever)\r\n\r\nann.sm=\r\nith@mail=\r\n.example")]
    [InlineData("A: 1\r\n\r\n&#000097;nn.smith&#0000064;mail.example")]
    [InlineData("A: 1\r\n\r\nann%252Esmith%252540mail.example")]
    [InlineData("DKIM-Signature: v=1; z=To:ann.smi\r\n  th=40mail.example|From:a=40b\r\n\r\nx")]
    [InlineData("ARC-Authentication-Results: i=1; mx; smtp.rcpttodomain=mail.example; header.to=ann.smith@mail.example\r\n\r\nx")]
    [InlineData("To: a@b.example\r\n\r\nann.smith@mail.example ann.smith@mail.example,ann.smith@mail.example")]
    public void However_it_is_cut_and_encoded(string text)
    {
        var redacted = Redact(text);
        var squeezed = redacted.Replace("=\r\n", "", StringComparison.Ordinal).ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
        Assert.DoesNotContain("smith", squeezed, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Some bulk senders write the recipient into a field of base64 that is folded at 76 columns.</summary>
    [Theory]
    [InlineData("\r\n ")]
    [InlineData("\r\n\t")]
    [InlineData("\n  ")]
    public void A_folded_field_of_base64_is_read_as_one(string fold)
    {
        var token = Convert.ToBase64String("{\"b\":\"bulk-pool-7\",\"customer\":\"1042\",\"r\":\"ann.smith@mail.example\",\"g\":\"spring\",\"at\":17639}"u8);
        for (var cut = 8; cut < token.Length - 8; cut += 7)
        {
            var redacted = MessageReader.Read(Encoding.ASCII.GetBytes(Redact($"X-MSFBL: {token[..cut]}{fold}{token[cut..]}\r\nA: 1\r\n\r\nx")));
            var value = redacted.Headers.First("X-MSFBL")!.Unfolded.Replace(" ", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal);
            TransferDecoder.TryDecodeBase64(Encoding.ASCII.GetBytes(value), int.MaxValue, out var decoded);
            Assert.DoesNotContain("smith", Encoding.Latin1.GetString(decoded), StringComparison.Ordinal);
            Assert.Equal("1", redacted.Headers.First("A")!.Unfolded);
        }
    }

    /// <summary>One of them may lie over a line end and another in the next line.</summary>
    [Theory]
    [InlineData(76)]
    [InlineData(64)]
    [InlineData(40)]
    public void A_folded_token_may_name_the_address_several_times(int width)
    {
        for (var before = 0; before < 60; before++)
        {
            var hidden = $"{new string('.', before)} ann.smith@mail.example, {new string('-', before % 7)} ann.smith@mail.example; to ann.smith@mail.example and so on until the end";
            var redacted = Redact($"To: a@b.example\r\n\r\n{HidingPlaces.Cut(Convert.ToBase64String(Encoding.ASCII.GetBytes(hidden)), width, "\r\n")}\r\n");
            var body = Encoding.ASCII.GetBytes(redacted[(redacted.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
            TransferDecoder.TryDecodeBase64(body, int.MaxValue, out var decoded);
            Assert.DoesNotContain("smith", Encoding.Latin1.GetString(decoded), StringComparison.Ordinal);
            Assert.EndsWith("and so on until the end", Encoding.Latin1.GetString(decoded), StringComparison.Ordinal);
        }
    }

    /// <summary>Such a run is one of base32 in capitals and one in small letters.</summary>
    [Fact]
    public void Long_runs_of_digits_are_looked_through_and_stay()
    {
        for (var length = 1; length < 70_000; length = (length * 2) + 7)
        {
            var text = $"A: 1\r\n\r\n{new string('2', length)} {new string('7', length)}\r\n";
            Assert.Equal(text, Redact(text));
        }
    }

    [Fact]
    public void Many_small_faults_do_not_hide_that_a_part_was_not_read()
    {
        var text = new StringBuilder("Content-Type: multipart/mixed; boundary=b\r\n\r\n");
        for (var i = 0; i < 60; i++)
            text.Append("--b\r\nContent-Type: multipart/mixed\r\n\r\n\r\n");
        for (var i = 0; i < new MessageLimits().MaxParts; i++)
            text.Append("--b\r\n\r\n\r\n");
        text.Append("--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nann.sm=\r\nith@mail.example\r\n--b--\r\n");

        Assert.True(MessageReader.Read(Encoding.ASCII.GetBytes(text.ToString())).HasProblem(MessageProblemCodes.TooManyParts));
        Assert.EndsWith(Redactor.RemovedBody, Redact(text.ToString()), StringComparison.Ordinal);
    }
}
