using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Dkim;

/// <summary>Signed mails, changed as hops change them: the diagnosis names the change and where it stands.</summary>
public sealed class BodyHashDiagnosisTests
{
    private const string Header = "From: Anna <anna@example.org>\r\nTo: bob@example.net\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

    private const string Parts = Header + "Content-Type: multipart/mixed; boundary=b1\r\n\r\nPreamble\r\n--b1\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + "Content-Transfer-Encoding: 8bit\r\n\r\nGr\u00c3\u00bc\u00c3\u009fe aus K\u00c3\u00b6ln\r\nbis bald\r\n--b1\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n<p>Bye</p>\r\n--b1--\r\n";

    private static readonly DkimSignerOptions SimpleBody = DkimKit.Plain with { BodyCanonicalization = DkimCanonicalization.Simple };

    [Theory]
    [InlineData("--\r\nlist footer\r\n")]
    [InlineData("\r\n\r\n_______________\r\nlist mailing list\r\nhttps://lists.example.net/\r\n")]
    [InlineData("one line without an end")]
    public async Task A_footer_is_found_with_its_place(string footer)
    {
        foreach (var options in (DkimSignerOptions[])[DkimKit.Plain, SimpleBody])
        {
            var signed = DkimKit.Sign(options: options).TrimEnd('\r', '\n') + "\r\n";
            foreach (var changed in (string[])[signed + footer, DkimKit.WithLf(signed + footer)])
            {
                var diagnosis = await DiagnoseAsync(changed);
                Assert.Equal((BodyChange.FooterAdded, true), (diagnosis.Change, diagnosis.Proven));
                Assert.Equal(DkimKit.WithLf(footer).Trim('\n'), DkimKit.WithLf(changed.Substring(diagnosis.Offset!.Value, diagnosis.Length)).Trim('\n'));
            }
        }
    }

    [Fact]
    public async Task A_footer_that_left_the_signed_empty_lines_in_place_is_found() =>
        Assert.Equal(BodyChange.FooterAdded, (await DiagnoseAsync(DkimKit.Sign(options: SimpleBody) + "footer\r\n")).Change);

    [Fact]
    public async Task A_body_made_of_nothing_is_a_footer()
    {
        var signed = DkimKit.Sign("From: a@example.org\r\n\r\n");
        var diagnosis = await DiagnoseAsync(signed + "all new\r\n");
        Assert.Equal((BodyChange.FooterAdded, signed.Length, 9), (diagnosis.Change, diagnosis.Offset, diagnosis.Length));
    }

    [Fact]
    public async Task A_footer_behind_the_closing_delimiter_is_found()
    {
        var signed = DkimKit.Sign(Parts);
        var diagnosis = await DiagnoseAsync(signed + "footer in the epilogue\r\n");
        Assert.Equal((BodyChange.FooterAdded, signed.Length), (diagnosis.Change, diagnosis.Offset));
    }

    [Theory]
    [InlineData("bis bald\r\n", "bis bald\r\n-- \r\nlist footer\r\nhttps://lists.example.net\r\n", "-- \r\nlist footer\r\nhttps://lists.example.net")] // at the end of a part
    [InlineData("<p>Bye</p>\r\n", "<p>scanned by us</p>\r\n<p>Bye</p>\r\n", "<p>scanned by us</p>")] // inside a part
    [InlineData("8bit\r\n\r\n", "8bit\r\n\r\nEXTERNAL MAIL\r\n\r\n", "EXTERNAL MAIL")] // on top of a part
    public async Task Lines_inside_a_part_are_found_with_their_place(string before, string after, string inserted)
    {
        var changed = DkimKit.Sign(Parts).Replace(before, after, StringComparison.Ordinal);
        var diagnosis = await DiagnoseAsync(changed);
        Assert.Equal((BodyChange.LinesInserted, true), (diagnosis.Change, diagnosis.Proven));
        Assert.Equal(inserted, changed.Substring(diagnosis.Offset!.Value, diagnosis.Length).Trim());
    }

    [Fact]
    public async Task A_part_that_a_list_adds_is_found()
    {
        var part = "--b1\r\nContent-Type: text/plain\r\n\r\nlist footer\r\n";
        var changed = DkimKit.Sign(Parts).Replace("--b1--", part + "--b1--", StringComparison.Ordinal);
        var diagnosis = await DiagnoseAsync(changed);
        Assert.Equal((BodyChange.PartAdded, part), (diagnosis.Change, changed.Substring(diagnosis.Offset!.Value, diagnosis.Length)));
    }

    [Fact]
    public async Task A_body_wrapped_into_a_part_is_found()
    {
        var signed = DkimKit.Sign(Header + "\r\nHello\r\nBob\r\n");
        var changed = signed.Replace("\r\n\r\nHello\r\nBob\r\n", "\r\nContent-Type: multipart/mixed; boundary=w\r\n\r\n--w\r\n\r\nHello\r\nBob\r\n\r\n--w\r\n\r\nfooter\r\n--w--\r\n", StringComparison.Ordinal);
        var diagnosis = await DiagnoseAsync(changed);
        Assert.Equal((BodyChange.Wrapped, changed.IndexOf("Hello", StringComparison.Ordinal)), (diagnosis.Change, diagnosis.Offset));
    }

    [Theory]
    [InlineData("one\r\ntwo\r\n", "one \r\ntwo\t\r\n", BodyChange.WhiteSpace)]
    [InlineData("one two\r\n", "one  two\r\n", BodyChange.OtherCanonicalization)] // as relaxed it matches
    [InlineData("one\r\ntwo\r\n", "one\r\r\ntwo\r\r\n", BodyChange.LineEnds)]
    [InlineData("one\r\ntwo\r\n", "one\rtwo\r\n", BodyChange.LineEnds)]
    [InlineData("one\r\nFrom two\r\n", "one\r\n>From two\r\n", BodyChange.FromQuoted)]
    [InlineData("one\r\n.two\r\n", "one\r\n..two\r\n", BodyChange.DotStuffing)]
    [InlineData("one\r\n..two\r\n", "one\r\n.two\r\n", BodyChange.DotStuffing)]
    public async Task Changes_to_lines_are_named(string signedBody, string receivedBody, BodyChange change)
    {
        var signed = DkimKit.Sign(Header + "\r\n" + signedBody, SimpleBody);
        var diagnosis = await DiagnoseAsync(signed[..^signedBody.Length] + receivedBody);
        Assert.Equal((change, true), (diagnosis.Change, diagnosis.Proven));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("")]
    public async Task A_long_line_cut_in_two_is_named(string continuation)
    {
        var line = new string('x', 2500);
        var signed = DkimKit.Sign(Header + "\r\nshort\r\n" + line + "\r\n");
        var changed = signed.Replace(line, string.Join("\r\n" + continuation, line.Chunk(998).Select(piece => new string(piece))), StringComparison.Ordinal);
        Assert.Equal(BodyChange.LongLinesFolded, (await DiagnoseAsync(changed)).Change);
    }

    [Fact]
    public async Task A_signer_that_hashes_bare_line_feeds_is_found_out()
    {
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData("one\ntwo\n"u8));
        var field = $"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=s1; h=From; bh={hash}; b={{b}}";
        Assert.Equal(BodyChange.LineEnds, (await DiagnoseAsync(DkimKit.SignAs(field, Header + "\r\none\r\ntwo\r\n"))).Change);
    }

    [Fact]
    public async Task A_signer_that_hashes_another_form_than_it_says_is_found_out()
    {
        var hash = DkimKit.BodyHash("one  two\r\n", DkimCanonicalization.Simple);
        var field = $"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1; h=From; bh={hash}; b={{b}}";
        Assert.Equal(BodyChange.OtherCanonicalization, (await DiagnoseAsync(DkimKit.SignAs(field, Header + "\r\none  two\r\n"))).Change);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transfer_encoding_changed_on_the_way_is_named(bool base64)
    {
        var text = "Gr\u00c3\u00bc\u00c3\u009fe aus K\u00c3\u00b6ln\r\nbis bald";
        var octets = DkimKit.Octets(text);
        var encoded = Encoding.ASCII.GetString(base64 ? TransferEncoder.Base64(octets) : TransferEncoder.QuotedPrintable(octets));
        var changed = DkimKit.Sign(Parts).Replace(text, encoded, StringComparison.Ordinal)
            .Replace("Encoding: 8bit", base64 ? "Encoding: base64" : "Encoding: quoted-printable", StringComparison.Ordinal);
        Assert.Equal(BodyChange.ReEncoded, (await DiagnoseAsync(changed)).Change); // encoded on the way

        var back = DkimKit.Sign(changed[changed.IndexOf("From:", StringComparison.Ordinal)..]).Replace(encoded, text, StringComparison.Ordinal)
            .Replace(base64 ? "Encoding: base64" : "Encoding: quoted-printable", "Encoding: 8bit", StringComparison.Ordinal);
        Assert.Equal(BodyChange.ReEncoded, (await DiagnoseAsync(back)).Change); // decoded on the way
    }

    [Fact]
    public async Task A_cut_body_is_named()
    {
        var cut = await DiagnoseAsync(DkimKit.Sign(Parts).Replace("--b1--\r\n", "", StringComparison.Ordinal));
        Assert.Equal((BodyChange.Truncated, true), (cut.Change, cut.Proven));
        var more = await DiagnoseAsync(DkimKit.Sign(Parts).Replace("<p>Bye</p>\r\n--b1--\r\n", "", StringComparison.Ordinal));
        Assert.Equal((BodyChange.Truncated, false), (more.Change, more.Proven));
        var shorter = await DiagnoseAsync(DkimKit.Sign(options: DkimKit.Plain with { BodyLength = 20 }).Replace("see you.", "", StringComparison.Ordinal));
        Assert.Equal((BodyChange.Truncated, true), (shorter.Change, shorter.Proven));
    }

    [Fact]
    public async Task What_no_single_change_explains_is_said_to_be_unknown()
    {
        var diagnosis = await DiagnoseAsync(DkimKit.Sign(Parts).Replace("bis bald", "bis morgen", StringComparison.Ordinal));
        Assert.Equal((BodyChange.Unknown, false), (diagnosis.Change, diagnosis.Proven));
    }

    [Fact]
    public async Task A_good_signature_has_no_diagnosis()
    {
        var message = DkimKit.Sign();
        Assert.Null(BodyHashDiagnosis.Of(MessageReader.Read(DkimKit.Octets(message)), await DkimKit.VerifyAsync(message)));
    }

    [Fact]
    public async Task The_work_is_bounded_on_a_large_body()
    {
        var body = new StringBuilder(Header + "Content-Type: text/plain\r\n\r\n");
        for (var i = 0; i < 60_000; i++)
            body.Append("A line like so many others in this mail, number ").Append(i).Append("\r\n");
        var diagnosis = await DiagnoseAsync(DkimKit.Sign(body.ToString()).Replace("number 30000\r\n", "number X\r\n", StringComparison.Ordinal));
        Assert.Equal(BodyChange.Unknown, diagnosis.Change);
        Assert.InRange(diagnosis.HashedOctets, 1, BodyHashTrial.MaxHashedOctets);
    }

    private static async Task<BodyHashDiagnosis> DiagnoseAsync(string message)
    {
        var diagnosis = BodyHashDiagnosis.Of(MessageReader.Read(DkimKit.Octets(message)), await DkimKit.VerifyAsync(message));
        Assert.NotNull(diagnosis);
        Assert.NotEmpty(diagnosis.Text);
        return diagnosis;
    }
}
