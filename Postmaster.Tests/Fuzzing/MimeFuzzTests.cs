using System.Text;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Fuzzing;

public sealed class MimeFuzzTests
{
    private const string Tree = "From: a@b\r\nSubject: =?utf-8?Q?a?= (c\r\nContent-Type: multipart/mixed;\r\n boundary=\"b\"; x*0*=utf-8''%41; x*1=\"q\\\"\"\r\n\r\npre\r\n"
        + "--b\r\nContent-Type: multipart/digest; boundary=bb\r\n\r\n--bb\r\n\r\nA: 1\r\n\r\nx\r\n--bb--\r\n--b \r\nContent-Type: message/rfc822\r\n\r\nB: 2\r\n\r\n=3D\r\n"
        + "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD=QQ\r\n--b--\r\nepi";

    [Fact]
    public void A_message_and_all_that_is_in_it() => new ParserFuzz
    {
        Seed = 5322,
        Samples = [Tree, "From MAILER Mon Mar  2 10:00:00 2026\r\nTo : x\r\n y\r\n\r\n"],
        Alphabet =
        [
            "\r\n", "\n", "\r", "\0", " ", "\t", ":", ";", "=", "\"", "?", "(", ")", "<", ">", "@", ",", "\u00FF", "A: 1\r\n", "\r\n\r\n", "--b\r\n", "--b--\r\n", "--bb\r\n",
            "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: message/rfc822\r\n\r\n", "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n",
            "Content-Transfer-Encoding: quoted-printable\r\n", "=?utf-8?B?", "?=", "=3D", "From ", "--",
        ],
        Allocation = (300, 256 * 1024),
    }.Run(octets => LookEverywhere(MessageReader.Read(octets)));

    [Fact]
    public void A_content_type_with_its_parameters() => new ParserFuzz
    {
        Seed = 2231,
        Samples =
        [
            "multipart/mixed; boundary=\"a \\\" b\"; charset=utf-8", "text/plain (c (c)) ; name*0*=utf-8'en'%C3%A4; name*1=\"x\"; name*2*=%", "a/b; x*=''; x*99999999999=y; x*00=z",
        ],
        Alphabet = [";", "=", "*", "*0", "*1*=", "'", "''", "\"", "\\", "%", "%41", "%4", "(", ")", "/", "name", "x*=utf-8'", "x*1=", "x*2147483647=", " ", "\t", "\u00E4", "\0", "a=b;"],
    }.RunText(value =>
    {
        if (ContentType.Parse(value) is { } type)
            Assert.InRange(type.Parameters.Count, 0, 100);
    });

    [Fact]
    public void Encoded_words() => new ParserFuzz
    {
        Seed = 2047,
        Samples = ["=?utf-8?Q?a=C3=A4_?= =?ISO-8859-1*de?b?5A==?= x =?utf-8?q??=", "=?us-ascii?Q?=?= =?x?y?z?= =?utf-8?B?4pw=?=\t=?utf-8?B?kw==?="],
        Alphabet = ["=?", "?=", "?", "=", "utf-8", "iso-2022-jp", "?Q?", "?b?", "=C3", "=?utf-8?Q?", "=?utf-8?Q?a?= ", "=?x", "_", " ", "\t", "QUJD", "*en", "\u00E4", "\0", "\e$B"],
    }.RunText(text => Assert.InRange(EncodedWord.Decode(text).Length, 0, 2 * (text.Length + 1)));

    [Fact]
    public void Address_lists() => new ParserFuzz
    {
        Seed = 822,
        Samples =
        [
            "Anna \"the (one)\" <anna@example.org>, (c (d)) bob @ example . net (Bob), undisclosed:;, G: <@a,@b:c@d>, \"x y\"@z; , =?utf-8?Q?=C3=A4?= <e@f>, g@[192.0.2.1], \"open",
        ],
        Alphabet = ["<", ">", "@", ",", ";", ":", "\"", "\\", "(", ")", "[", "]", ".", " ", "\r\n ", "a", "a@b", "<a@b>,", "=?utf-8?Q?a?=", "\u00C3\u00A4", "\0", "<@a:", "\"\" ", "a:b;"],
        Allocation = (400, 64 * 1024),
    }.Run(octets =>
    {
        foreach (var mailbox in AddressListReader.Read(octets))
            Assert.True(mailbox.Offset >= 0 && mailbox.Length > 0 && mailbox.Offset + mailbox.Length <= octets.Length && mailbox.NameOffset + mailbox.NameLength <= octets.Length);
    });

    [Fact]
    public void Dates() => new ParserFuzz
    {
        Seed = 2822,
        Samples = ["Mon, 2 Mar 2026 10:00:00 +0000", "2 (two) Mar 26 10:00 EST (c)", "Sat, 21 Nov 2026 24:00:60 -9999"],
        Alphabet = ["Mon", ",", " ", "2", "31", "Feb", "Mar", "2026", "99", "0", "99999999999", "10:00", ":", ":60", "+", "-0000", "GMT", "Z", "(", ")", "\t", "\u0663", "9"],
    }.RunText(text =>
    {
        if (MailDate.TryParse(text, out var date))
            Assert.True(MailDate.TryParse(MailDate.Format(date), out var again) && again == date);
    });

    [Fact]
    public void Encoded_bodies()
    {
        foreach (var encoding in (string[])["base64", "quoted-printable"])
        {
            new ParserFuzz
            {
                Seed = 2045,
                Samples = ["QUJDREVG\r\nR0hJ==\r\nQQ", "a=3D=\r\n b =E4=\n=C3=A4  \r\n=4"],
                Alphabet = ["Q", "QUJD", "=", "==", "=3D", "=\r\n", "\r\n", "\n", " ", "\t", "-", "\0", "\u00FF", "=4", "=ZZ", ".", "_", "/"],
            }.Run(octets =>
            {
                TransferDecoder.TryDecode(octets, encoding, octets.Length + 3, out var content);
                Assert.InRange(content.Length, 0, octets.Length + 3);
                TransferDecoder.TryDecode(octets, encoding, 5, out content);
                Assert.InRange(content.Length, 0, 5);
            });
        }
    }

    private static void LookEverywhere(RawMessage message)
    {
        foreach (var part in message.Root.Walk())
        {
            Assert.True(part.BodyOffset >= part.Offset && part.BodyOffset <= part.EndOffset);
            foreach (var child in part.Parts)
                Assert.True(child.Offset >= part.BodyOffset && child.EndOffset <= part.EndOffset);
            foreach (var field in part.Headers)
            {
                Assert.True(field.Unfolded.AsSpan().IndexOfAny('\r', '\n') < 0);
                Assert.True(message.Bytes.Span.Slice(field.Offset, field.Raw.Length).SequenceEqual(field.Raw.Span));
                _ = field.Decoded;
            }
            part.TryDecode(10, out var content);
            Assert.InRange(content.Length, 0, 10);
            _ = (part.Preamble, part.Epilogue, part.EmbeddedMessage);
        }
    }
}
