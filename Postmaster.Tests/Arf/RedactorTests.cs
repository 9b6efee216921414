using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Arf;

public sealed class RedactorTests
{
    private static readonly MailAddress Ann = MailAddress.Parse("ann.smith@mail.example");
    private static readonly RedactionKey Key = RedactionKey.ForOwner(new byte[32], "owner-1");
    private static readonly string Pseudonym = Key.Pseudonym(Ann);

    private static string Redact(string text, RedactionMode mode = RedactionMode.Recipient, MailAddress? complainer = null) =>
        Encoding.UTF8.GetString(Redactor.Redact(MessageReader.Read(Encoding.UTF8.GetBytes(text)), complainer ?? Ann, Key, mode));

    private static string Field(string field, MailAddress? complainer = null)
    {
        var redacted = Redact(field + "\r\n\r\nbody\r\n", complainer: complainer);
        Assert.EndsWith("\r\n\r\nbody\r\n", redacted, StringComparison.Ordinal);
        return redacted[..^"\r\n\r\nbody\r\n".Length];
    }

    private static string Body(string body) => Redact("A: 1\r\n\r\n" + body)["A: 1\r\n\r\n".Length..];

    [Fact]
    public void The_pseudonym_is_of_lower_case_letters_and_digits_and_depends_on_key_and_address_only()
    {
        Assert.Matches("^[a-z2-7]{16}$", Pseudonym);
        Assert.Equal(Pseudonym, Key.Pseudonym(MailAddress.Parse("Ann.Smith@MAIL.example")));
        Assert.Equal(Pseudonym, RedactionKey.ForOwner(new byte[32], "owner-1").Pseudonym(Ann));
        Assert.NotEqual(Pseudonym, RedactionKey.ForOwner(new byte[32], "owner-2").Pseudonym(Ann), StringComparer.Ordinal);
        Assert.NotEqual(Pseudonym, Key.Pseudonym(MailAddress.Parse("ann.smith+x@mail.example")), StringComparer.Ordinal);
        Assert.Equal($"{Pseudonym}@mail.example", Key.Redact(Ann));
    }

    [Theory]
    [InlineData("To: ann.smith@mail.example", "To: {0}@mail.example")]
    [InlineData("To: <ANN.Smith@Mail.Example>", "To: <{0}@mail.example>")]
    [InlineData("To: Bob <bob@b.example>, ann.smith@mail.example", "To: Bob <bob@b.example>, {0}@mail.example")]
    [InlineData("To: \"ann.smith@mail.example\" <ann.smith@mail.example>", "To: {0} <{0}@mail.example>")] // name = address
    [InlineData("To: ann.smith <ann.smith@mail.example>", "To: {0} <{0}@mail.example>")] // name = local part
    [InlineData("To: Ann Smith <ann.smith@mail.example>", "To: {0} <{0}@mail.example>")] // the name tells as much
    [InlineData("To: =?utf-8?Q?Ann_Smith?= <ann.smith@mail.example>", "To: {0} <{0}@mail.example>")]
    [InlineData("To: ann.smith@mail.example (Ann)", "To: {0}@mail.example ({0})")]
    [InlineData("To: \"ann.smith\"@mail.example", "To: {0}@mail.example")] // quoted
    [InlineData("To: ann . smith @ mail.example", "To: {0}@mail.example")] // obsolete white space
    [InlineData("To: ann.smith(that is me)@(here)mail.example", "To: {0}@mail.example")] // comments
    [InlineData("To: <@relay.example:ann.smith@mail.example>", "To: <@relay.example:{0}@mail.example>")] // route
    [InlineData("To: ann.smith@\r\n mail.example", "To: {0}@mail.example")] // folded
    [InlineData("To: undisclosed: ann.smith@mail.example;", "To: undisclosed: {0}@mail.example;")]
    [InlineData("To: ann.smith", "To: {0}")] // a local delivery
    [InlineData("Delivered-To: ann.smith@mail.example", "Delivered-To: {0}@mail.example")]
    [InlineData("X-Original-To: ann.smith@mail.example", "X-Original-To: {0}@mail.example")]
    [InlineData("Original-Recipient: rfc822;ann.smith@mail.example", "Original-Recipient: rfc822;{0}@mail.example")]
    [InlineData("X-Apparently-To: ann.smith@mail.example via 192.0.2.1", "X-Apparently-To: {0}@mail.example via 192.0.2.1")]
    [InlineData("Received: from a by b for <ann.smith@mail.example>; Sat, 21 Nov 2026 10:00:00 +0000", "Received: from a by b for <{0}@mail.example>; Sat, 21 Nov 2026 10:00:00 +0000")]
    [InlineData("Received: from a by b\r\n\tfor ann.smith; Sat, 21 Nov 2026 10:00:00 +0000", "Received: from a by b\r\n\tfor {0}; Sat, 21 Nov 2026 10:00:00 +0000")]
    [InlineData("Return-Path: <bounce-ann.smith=mail.example@esp.example>", "Return-Path: <bounce-{0}=mail.example@esp.example>")] // VERP
    [InlineData("Return-Path: <b+123-ann.smith=mail.example-7@esp.example>", "Return-Path: <b+123-{0}=mail.example-7@esp.example>")]
    [InlineData("Return-Path: <bounce-ann.smith@esp.example>", "Return-Path: <bounce-{0}@esp.example>")]
    [InlineData("Return-Path: <prvs=1234abcdef=ann.smith@mail.example>", "Return-Path: <prvs=1234abcdef={0}@mail.example>")] // BATV
    [InlineData("Reply-To: reply+ann.smith=40mail.example@esp.example", "Reply-To: reply+{0}=40mail.example@esp.example")]
    [InlineData("List-Unsubscribe: <https://esp.example/u?e=ann.smith%40mail.example&l=1>", "List-Unsubscribe: <https://esp.example/u?e={0}%40mail.example&l=1>")]
    [InlineData("List-Unsubscribe: <https://esp.example/u%3Fe%3Dann.smith%2540mail.example>", "List-Unsubscribe: <https://esp.example/u%3Fe%3D{0}%2540mail.example>")]
    [InlineData("List-Unsubscribe: <https://esp.example/u?user=ann.smith>", "List-Unsubscribe: <https://esp.example/u?user={0}>")]
    [InlineData("List-Unsubscribe: <mailto:leave-ann.smith=mail.example@esp.example>", "List-Unsubscribe: <mailto:leave-{0}=mail.example@esp.example>")]
    [InlineData("Subject: ann.smith@mail.example, you have won", "Subject: {0}@mail.example, you have won")]
    [InlineData("Subject: Dear ann.smith", "Subject: Dear {0}")]
    [InlineData("To: ann.smith+shop@mail.example.", "To: {1}@mail.example.")] // a tag counts
    [InlineData("X-Sent-To: u=ann.smith%2Bshop%40mail.example", "X-Sent-To: u={1}%40mail.example")]
    public void In_a_field_the_local_part_becomes_the_pseudonym(string field, string expected)
    {
        var tagged = Key.Pseudonym(MailAddress.Parse("ann.smith+shop@mail.example"));
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, Pseudonym, tagged), Field(field));
    }

    [Theory]
    [InlineData("To: joann.smith@mail.example")] // another mailbox
    [InlineData("To: ann.smith@mail.examples")] // another domain
    [InlineData("Subject: anna.smith, ann-smith and smith")]
    [InlineData("From: Ann <ann.smith@other.example>")]
    [InlineData("X-Broken: =?utf-8?Q?unfinished")]
    public void What_is_not_the_address_stays(string field) => Assert.Equal(field, Field(field));

    [Theory]
    [InlineData("Subject: =?utf-8?Q?ann=2Esmith=40mail=2Eexample?=")]
    [InlineData("Subject: =?utf-8?B?SMOkIGFubi5zbWl0aEBtYWlsLmV4YW1wbGU=?=")]
    [InlineData("Subject: =?utf-8?Q?ann.smi?= =?utf-8?Q?th@mail.example?=")] // cut in two words
    [InlineData("Subject: =?utf-8?Q?ann.smith?=\r\n =?iso-8859-1?Q?@mail.example?=")] // in two charsets
    [InlineData("Subject: =?utf-8?Q?ann.smith?=@mail.example")] // pieces in and out of words
    [InlineData("From: =?utf-8?Q?ann.smith@mail.example?= <news@esp.example>")]
    public void Encoded_words_are_decoded_redacted_and_encoded_again(string field)
    {
        var redacted = MessageReader.Read(Encoding.UTF8.GetBytes(Field(field) + "\r\n\r\n")).Headers[0].Decoded;

        Assert.Contains($"{Pseudonym}", redacted, StringComparison.Ordinal);
        Assert.DoesNotContain("smith", redacted, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("mail.example", redacted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Dear ann.smith@mail.example!", "Dear {0}@mail.example!")]
    [InlineData("mailto:ann.smith@mail.example.", "mailto:{0}@mail.example.")]
    [InlineData("<a href='https://e.example/?m=ANN.SMITH%40mail.example'>", "<a href='https://e.example/?m={0}%40mail.example'>")]
    [InlineData("&#97;nn.smith&#64;mail&#x2E;example", "{0}&#64;mail&#x2E;example")]
    [InlineData("ann.smith&commat;mail.example", "{0}&commat;mail.example")]
    [InlineData("https://e.example/ann.smith/x", "https://e.example/{0}/x")]
    [InlineData("Hello Ann.Smith, hello ann.smithers", "Hello {0}, hello ann.smithers")]
    public void In_a_body_too(string body, string expected) =>
        Assert.Equal(string.Format(System.Globalization.CultureInfo.InvariantCulture, expected, Pseudonym), Body(body));

    [Theory]
    [InlineData("https://e.example/u?t=", "")]
    [InlineData("https://e.example/unsubscribe/", "/next")]
    [InlineData("https://e.example/u?t=", "&x=1")]
    public void Base64_and_hex_of_the_address_in_links_are_replaced(string before, string after)
    {
        foreach (var address in new[] { "ann.smith@mail.example", "Ann.Smith@Mail.Example" })
        {
            var redacted = Pseudonym + address["ann.smith".Length..];
            var base64 = Convert.ToBase64String(Encoding.ASCII.GetBytes(address)).TrimEnd('=');
            Assert.Equal(before + Convert.ToBase64String(Encoding.ASCII.GetBytes(redacted)).TrimEnd('=') + after, Body(before + base64 + after));
            var hex = Convert.ToHexString(Encoding.ASCII.GetBytes(address));
            Assert.Equal(before + Convert.ToHexString(Encoding.ASCII.GetBytes(redacted)) + after, Body(before + hex + after));
            Assert.Equal(before + Convert.ToHexStringLower(Encoding.ASCII.GetBytes(redacted)) + after, Body(before + hex.ToLowerInvariant() + after));
        }
        var inside = Convert.ToBase64String("{\"list\":7,\"to\":\"ann.smith@mail.example\",\"n\":1}"u8).Replace('+', '-').Replace('/', '_');
        Assert.DoesNotContain("ann.smith", DecodeAll(Body(before + inside + after)), StringComparison.Ordinal);
    }

    private static string DecodeAll(string text) => string.Concat(Enumerable.Range(0, 4).Select(shift =>
    {
        TransferDecoder.TryDecodeBase64(Encoding.ASCII.GetBytes(text.Replace('-', '+').Replace('_', '/')).AsSpan(shift), int.MaxValue, out var octets);
        return Encoding.Latin1.GetString(octets);
    }));

    [Fact]
    public void A_role_name_or_a_short_one_stays_an_ordinary_word_in_the_body()
    {
        foreach (var local in new[] { "info", "bob" })
        {
            var complainer = MailAddress.Parse($"{local}@mail.example");
            var text = $"To: {local}\r\nSubject: {local}\r\n\r\nMore {local} at https://e.example/{local}.html or https://e.example/?u={local}&x=1 for {local}@mail.example\r\n";
            var pseudonym = Key.Pseudonym(complainer);
            Assert.Equal(
                $"To: {pseudonym}\r\nSubject: {local}\r\n\r\nMore {local} at https://e.example/{local}.html or https://e.example/?u={pseudonym}&x=1 for {pseudonym}@mail.example\r\n",
                Redact(text, complainer: complainer));
        }
    }

    [Theory]
    [InlineData("base64")]
    [InlineData("quoted-printable")]
    public void Encoded_parts_are_decoded_redacted_and_encoded_again_and_the_rest_stays(string encoding)
    {
        const string content = "Dear ann.smith@mail.example,\r\nyour address ann.smith@mail.example is spl\u00E4ndid. A line that is so long that it has to be broken in two.\r\n";
        var octets = Encoding.UTF8.GetBytes(content);
        var body = Encoding.ASCII.GetString(encoding.StartsWith('b') ? TransferEncoder.Base64(octets) : TransferEncoder.QuotedPrintable(octets));
        var before = $"Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\nplain\t \r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n";
        const string after = "\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nYWJj  ZGVm\r\n--b--\r\nepilogue";

        var redacted = Redact(before + body + after);

        Assert.StartsWith(before, redacted, StringComparison.Ordinal);
        Assert.EndsWith(after, redacted, StringComparison.Ordinal);
        Assert.True(MessageReader.Read(Encoding.UTF8.GetBytes(redacted)).Root.Parts[1].TryDecode(out var decoded));
        Assert.Equal(content.Replace("ann.smith", Pseudonym, StringComparison.Ordinal), Encoding.UTF8.GetString(decoded));
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16be")]
    public void Text_in_sixteen_bits_hides_nothing(string charset)
    {
        var encoding = charset.EndsWith("be", StringComparison.Ordinal) ? Encoding.BigEndianUnicode : Encoding.Unicode;
        var redacted = Redact($"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(encoding.GetBytes("To ann.smith@mail.example"))}\r\n");
        Assert.True(MessageReader.Read(Encoding.UTF8.GetBytes(redacted)).Root.TryDecode(out var decoded));
        Assert.Equal($"To {Pseudonym}@mail.example", encoding.GetString(decoded));
    }

    [Fact]
    public void Messages_inside_also_encoded_ones_and_their_fields_are_redacted()
    {
        const string inner = "To: \"ann.smith\"@mail.example\r\nSubject: =?utf-8?Q?ann=2Esmith?=\r\n\r\nHi ann.smith@mail.example\r\n";
        var encoded = Convert.ToBase64String(Encoding.ASCII.GetBytes(inner));

        var redacted = MessageReader.Read(Encoding.UTF8.GetBytes(Redact(
            $"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--b--\r\n")));

        foreach (var part in redacted.Root.Parts)
        {
            Assert.Equal($"{Pseudonym}@mail.example", part.EmbeddedMessage!.Headers.First("To")!.Unfolded);
            Assert.Equal(Pseudonym, part.EmbeddedMessage.Headers.First("Subject")!.Decoded);
            Assert.Equal($"Hi {Pseudonym}@mail.example\r\n", Encoding.ASCII.GetString(part.EmbeddedMessage.Body.Span));
        }
    }

    [Fact]
    public void An_address_in_a_boundary_or_in_cut_parameters_goes_and_the_parts_stay()
    {
        var redacted = Redact(
            "Content-Type: multipart/mixed; boundary=\"ann.smith@mail.example\"\r\n\r\n--ann.smith@mail.example\r\n"
            + "Content-Disposition: attachment; filename*0=\"ann.sm\"; filename*1=\"ith@mail.example\"\r\n\r\none\r\n--ann.smith@mail.example\r\n\r\ntwo\r\n--ann.smith@mail.example--\r\n");
        var message = MessageReader.Read(Encoding.UTF8.GetBytes(redacted));

        Assert.Equal(2, message.Root.Parts.Count);
        Assert.Empty(message.Problems);
        Assert.DoesNotContain("ith@mail", redacted, StringComparison.Ordinal);
        Assert.Contains($"filename=\"{Pseudonym}@mail.example\"", redacted, StringComparison.Ordinal);
    }

    [Fact]
    public void Full_takes_out_the_other_recipients_and_their_names_but_not_the_author()
    {
        const string text = "From: News <news@esp.example>\r\nTo: Ann <ann.smith@mail.example>, \"Jones, Bob\" <bob@else.example>\r\nCc: carol@mail.example (Carol), broken\r\n\r\nHi bob@else.example\r\n";

        var redacted = Redact(text, RedactionMode.Full);

        Assert.DoesNotContain("Jones", redacted, StringComparison.Ordinal);
        Assert.DoesNotContain("bob", redacted, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("carol", redacted, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("From: News <news@esp.example>\r\n", redacted, StringComparison.Ordinal);
        Assert.Contains($"{Key.Pseudonym(MailAddress.Parse("bob@else.example"))}@else.example", redacted, StringComparison.Ordinal);
        Assert.Contains("bob@else.example", Redact(text), StringComparison.Ordinal);
        Assert.Equal(text, Redact(text, RedactionMode.None));
    }

    [Fact]
    public void A_tagged_complainer_hides_the_mailbox_behind_the_tag_too()
    {
        var tagged = MailAddress.Parse("ann.smith+shop@mail.example");
        Assert.Equal($"Received: for <{Pseudonym}@mail.example>", Field("Received: for <ann.smith@mail.example>", tagged));
        Assert.Equal($"To: {Key.Pseudonym(tagged)}@mail.example", Field("To: ann.smith+shop@mail.example", tagged));
    }

    [Fact]
    public void A_domain_beyond_ascii_is_found_in_both_forms()
    {
        var complainer = MailAddress.Parse("ann@b\u00FCcher.example");
        var pseudonym = Key.Pseudonym(complainer);
        Assert.Equal($"X: {pseudonym}@b\u00FCcher.example {pseudonym}@xn--bcher-kva.example", Field("X: ann@b\u00FCcher.example ann@xn--bcher-kva.example", complainer));
    }

    [Fact]
    public void What_could_not_be_read_to_its_end_goes_without_its_body()
    {
        var nested = string.Concat(Enumerable.Range(0, 200).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n")) + "\r\nann.smith@mail.example";
        var redacted = Redact("To: ann.smith@mail.example\r\n" + nested);

        Assert.StartsWith($"To: {Pseudonym}@mail.example\r\n", redacted, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + Redactor.RemovedBody, redacted, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_costs_linear_work()
    {
        // Each of these would take minutes if it were quadratic; the runner's own time-out is the judge.
        foreach (var piece in new[] { "ann.smith", "a", "%", "=3D", "&#", "ann.smith+", "=?utf-8?Q?", "\"ann.smith\"", "(", "<", "YW5uLnNtaXRoQG1haWwuZXhhbXBsZQ", "616E6E", "@,", "6a:", "106,", "aaaaaaaaaaaaaaaa\r\n ", "aaaaaaaaaaaaaaa1\r\n " })
        {
            var text = string.Concat(Enumerable.Repeat(piece, 400_000 / piece.Length));
            Assert.NotNull(Redact("To: " + text + "\r\nSubject: " + text + "\r\n\r\n" + text));
        }
    }
}
