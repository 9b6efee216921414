using System.Text;
using Postmaster.Fbl.Mime;
using static Postmaster.Tests.Mime.MessageReaderTests;

namespace Postmaster.Tests.Mime;

public sealed class HeaderValueTests
{
    [Theory]
    [InlineData("=?ISO-8859-1?Q?a?=", "a")]
    [InlineData("=?ISO-8859-1?Q?a?= b", "a b")]
    [InlineData("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab")]
    [InlineData("=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?B?Yg==?=", "ab")]
    [InlineData("=?ISO-8859-1?Q?a_b?=", "a b")]
    [InlineData("=?utf-8?q?=E2=82?= =?utf-8?q?=AC?=", "\u20AC")] // a character cut in two
    [InlineData("=?windows-1252?Q?=80?=", "\u20AC")]
    [InlineData("=?iso-8859-15?Q?=A4?=", "\u20AC")]
    [InlineData("=?utf-8*en?Q?x?=", "x")] // RFC 2231 §5
    [InlineData("=?no-such-charset?Q?x?=", "=?no-such-charset?Q?x?=")]
    [InlineData("=?utf-7?Q?+AGE-?=", "=?utf-7?Q?+AGE-?=")] // hides text on purpose
    [InlineData("=?utf-8?X?x?=", "=?utf-8?X?x?=")]
    [InlineData("=?utf-8?Q?x", "=?utf-8?Q?x")]
    [InlineData("=?=?utf-8?Q?x?=", "=?x")]
    [InlineData("=?utf-8?B?***?= =?utf-8?Q?=ZZ?=", "=ZZ")]
    [InlineData("a =?utf-8?Q??= b", "a  b")]
    public void Encoded_words_are_decoded(string value, string expected) => Assert.Equal(expected, Read($"A: {value}\r\n\r\n").Headers[0].Decoded);

    [Theory]
    [InlineData("Sat, 21 Nov 2026 10:00:00 +0100", "2026-11-21T09:00:00Z")]
    [InlineData("21 Nov 2026 10:00 -0000", "2026-11-21T10:00:00Z")]
    [InlineData("Mon, 21 Nov 26 10:00:00 EST", "2026-11-21T15:00:00Z")] // wrong day, two digits, obsolete zone
    [InlineData("Fri, 21 Nov 97 09:55:06 PDT", "1997-11-21T16:55:06Z")]
    [InlineData("Fri, 21 Nov 1997 09(comment):55", null)]
    [InlineData("Thu,\r\n 13\r\n Feb\r\n 1969 23:32 -0330 (Newfoundland (Time))", "1969-02-14T03:02:00Z")]
    [InlineData("29 Apr 2009 00:00:00", "2009-04-29T00:00:00Z")] // no zone
    [InlineData("29 Apr 2009 00:00:00 Z", "2009-04-29T00:00:00Z")]
    [InlineData("29 Apr 2009 23:59:60 +0000", "2009-04-29T23:59:59Z")] // leap second
    [InlineData("29 April 102 00:00:00 +9959", "2002-04-24T20:01:00Z")] // beyond what a zone can be
    [InlineData("31 Feb 2026 00:00:00 +0000", null)]
    [InlineData("1 Jan 0000 00:00:00 +0000", null)]
    [InlineData("1 Jan 0001 00:00:00 +0100", null)]
    [InlineData("29 Apr 2009 24:00:00 +0000", null)]
    [InlineData("29 Apx 2009 00:00:00 +0000", null)]
    [InlineData("", null)]
    [InlineData("(((((", null)]
    [InlineData("yesterday", null)]
    public void Dates_are_read_as_mail_writes_them(string text, string? expected)
    {
        Assert.Equal(expected is not null, MailDate.TryParse(text, out var date));
        if (expected is not null)
            Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), date);
    }

    [Theory]
    [InlineData("2026-11-21T10:00:00+00:00", "Sat, 21 Nov 2026 10:00:00 +0000")]
    [InlineData("2026-01-02T03:04:05-03:30", "Fri, 02 Jan 2026 03:04:05 -0330")]
    public void Dates_are_written_and_read_back(string text, string expected)
    {
        var date = DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(expected, MailDate.Format(date));
        Assert.True(MailDate.TryParse(expected, out var back));
        Assert.Equal(date, back);
    }

    [Theory]
    [InlineData("a@b", "a@b")]
    [InlineData("A <a@b>, c@d", "a@b[A] c@d")]
    [InlineData("\"Q, \\\"R\\\"\" <a@b>", "a@b[Q, \"R\"]")]
    [InlineData("=?utf-8?Q?=C3=84nn?= Lee <a@b>", "a@b[\u00C4nn Lee]")]
    [InlineData("a@b (Ann (x))", "a@b[Ann (x)]")]
    [InlineData("Pete(nice) <pete(his)@(host)b.example>", "pete@b.example[Pete]")]
    [InlineData("Group: a@b, C <c@d>;, e@f", "a@b{Group} c@d[C]{Group} e@f")]
    [InlineData("undisclosed-recipients:;", "")]
    [InlineData("<@x,@y:a@b>", "a@b")]
    [InlineData("a . b @ c . d", "a.b@c.d")]
    [InlineData("John Doe a@b", "a@b")]
    [InlineData("\"a b\"@c", "\"a b\"@c")]
    [InlineData("a@[192.0.2.1]", "a@[192.0.2.1]")]
    [InlineData("a@b; c@d", "a@b c@d")] // semicolons of a known client
    [InlineData("A <a@b, C <c@d>", "a@b[A] c@d[C]")] // not closed
    [InlineData("<>", "")]
    [InlineData(", ,", "")]
    [InlineData("nobody", "")]
    [InlineData("a@b\r\n (folded\r\n name)", "a@b[folded name]")]
    public void Address_lists_are_read(string value, string expected)
    {
        var octets = Encoding.UTF8.GetBytes(value);
        var list = AddressListReader.Read(octets);
        Assert.Equal(expected, string.Join(' ', list.Select(mailbox =>
            mailbox.AddrSpec + (mailbox.DisplayName is { } name ? $"[{name}]" : "") + (mailbox.Group is { } group ? $"{{{group}}}" : ""))));
        foreach (var mailbox in list)
        {
            Assert.Equal(mailbox.AddrSpec[0], (char)octets[mailbox.Offset]);
            Assert.Equal(mailbox.AddrSpec[^1], (char)octets[mailbox.Offset + mailbox.Length - 1]);
            Assert.Equal(mailbox.DisplayName is null, mailbox.NameLength == 0);
        }
    }

    [Fact]
    public void An_address_bomb_ends_at_the_limit() =>
        Assert.Equal(AddressListReader.MaxMailboxes, AddressListReader.Read(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("a@b,", 100_000)))).Count);
}
