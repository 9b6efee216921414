using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using static Postmaster.Tests.Arf.HidingPlaces;

namespace Postmaster.Tests.Arf;

/// <summary>The writings of <see cref="RarerWritings"/> are found in the places where a sender may put them, and what looks like one stays.</summary>
public sealed class RarerWritingsTests
{
    private static readonly MailAddress Ann = MailAddress.Parse(Address);
    private static readonly RedactionKey Key = RedactionKey.ForOwner(new byte[32], "owner-1");

    private static string Redact(string message) => Encoding.Latin1.GetString(Redactor.Redact(MessageReader.Read(Octets(message)), Ann, Key, RedactionMode.Recipient));

    private static (string Name, string Before, string After)[] Frames { get; } =
    [
        ("lines", "A: 1\r\n\r\nHello,\r\n\r\n", "\r\n\r\nBye \t\r\n"),
        ("in quotes", "A: 1\r\nContent-Type: text/html\r\n\r\n<p data-x=\"", "\">x</p>\r\n"),
        ("field", "A: 1\r\nX-Token: ", "\r\nB: 2\r\n\r\nbody\r\n"),
        ("message inside", "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nA: 1\r\n\r\nHi\r\n\r\n", "\r\n\r\n.\r\n--b--\r\nend"),
    ];

    public static TheoryData<string> FrameNames() => [.. Frames.Select(frame => frame.Name)];

    [Theory]
    [MemberData(nameof(FrameNames))]
    public void Nothing_tells_the_address_and_the_rest_is_as_it_was(string place)
    {
        var (_, before, after) = Frames.Single(frame => string.Equals(frame.Name, place, StringComparison.Ordinal));
        var leaks = new List<string>();
        foreach (var (name, text, back) in RarerWritings.All())
        {
            var redacted = Redact(before + text + after);
            if (!redacted.StartsWith(before, StringComparison.Ordinal) || !redacted.EndsWith(after, StringComparison.Ordinal))
                leaks.Add($"{name}: around it: {redacted}");
            else if (Trace(redacted[before.Length..^after.Length], text, back) is { } trace)
                leaks.Add($"{name}: {trace}");
        }
        Assert.True(leaks.Count == 0, string.Join("\n", leaks));
    }

    [Fact]
    public void Every_number_of_a_character_is_read_also_those_that_Unicode_gives_to_none()
    {
        Assert.Equal(((byte)'a', (byte)0, (byte)0, (byte)0), (LookAlikes.ToAscii(0xFF41), LookAlikes.ToAscii(0xFFFE), LookAlikes.ToAscii(0xFDD0), LookAlikes.ToAscii(0xD800)));
        for (var code = -1; code <= 0x110000; code++)
            Assert.InRange(LookAlikes.ToAscii(code), (byte)0, (byte)'~');
        Assert.Contains("\\uFFFE &#xFFFF;", Redact("A: 1\r\n\r\n\\uFFFE &#xFFFF; \u00EF\u00BF\u00BE \\U0001FFFE x\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_that_are_encoded_around_it_are_looked_into()
    {
        var leaks = new List<string>();
        foreach (var (name, text, back) in RarerWritings.All())
        {
            foreach (var (encoding, body) in new[] { ("quoted-printable", QuotedPrintable($"Hello,\n\n{text}\n\nBye", 76)), ("base64", Convert.ToBase64String(Octets($"Hello,\n\n{text}\n\nBye"))) })
            {
                var redacted = MessageReader.Read(Octets(Redact($"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n")));
                Assert.True(redacted.Root.TryDecode(out var content));
                var left = Encoding.Latin1.GetString(content).ReplaceLineEndings("\n").TrimEnd('\n');
                if (!left.StartsWith("Hello,\n\n", StringComparison.Ordinal) || !left.EndsWith("\n\nBye", StringComparison.Ordinal))
                    leaks.Add($"{name}, {encoding}: around it: {left}");
                else if (Trace(left[8..^5], text, back) is { } trace)
                    leaks.Add($"{name}, {encoding}: {trace}");
            }
        }
        Assert.True(leaks.Count == 0, string.Join("\n", leaks));
    }

    private static string? Trace(string left, string text, Func<string, string>? back)
    {
        if (string.Equals(left, text, StringComparison.Ordinal))
            return "it stays";
        if (left.Contains("smith", StringComparison.OrdinalIgnoreCase))
            return left;
        var read = back?.Invoke(left);
        return read is not null && read.Contains("smith", StringComparison.OrdinalIgnoreCase) ? $"{left} is {read}" : null;
    }

    [Fact]
    public void The_hash_functions_give_what_their_standards_say()
    {
        var x = Octets(new string('x', 300));
        Assert.Equal("23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7", Convert.ToHexStringLower(RareHashes.Sha224("abc"u8)));
        Assert.Equal("a30bc6676e31cab2bd83743292c32f72d5668df02c6118eb6459e2f2", Convert.ToHexStringLower(RareHashes.Sha224(x)));
        Assert.StartsWith("ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b7", Convert.ToHexStringLower(RareHashes.Blake2b("abc"u8, 64)), StringComparison.Ordinal);
        Assert.Equal("5aa7fbbf37986bb2a5d547c0d3c4d4326a24d786e7d57bf93fc784176e38b33d", Convert.ToHexStringLower(RareHashes.Blake2b(x, 32)));
        Assert.Equal("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982", Convert.ToHexStringLower(RareHashes.Blake2s("abc"u8)));
        Assert.Equal("72cf091f39bb5de7119785d2d64dcfd7bb6b95690197c817d7fbe48b9a52bf8c", Convert.ToHexStringLower(RareHashes.Blake2s(x)));
        Assert.Equal(0xCBF43926, Checksums.Crc32("123456789"u8));
        Assert.Equal(0x091E01DEu, Checksums.Adler32("123456789"u8));
    }

    [Theory]
    [InlineData("I met Ann. Smith was there, at mail. Example follows.")]
    [InlineData("Ann Smith (at) work, dot com")]
    [InlineData("a-n-n-a-s-m-i-t-h@mail.example")]
    [InlineData("b o b . s m i t h @ m a i l . e x a m p l e")]
    [InlineData("ann.smith@other[.]example joann.smith@mail.example")]
    [InlineData("0 1 2 3 4 5 6 7 10 11 12 13 14 15 16 17 20 21 22 23")]
    [InlineData("01100001 01100010 01100011 01100100 01100101 01100110")]
    [InlineData("550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e 12345678 deadbeef 0123456789abcdef")]
    [InlineData("begin 644 x\r\n#86)C\r\n`\r\nend")]
    [InlineData("-- .- .. .-.. / --- .-. / -- .-")]
    [InlineData("H4sIAAAAAAAAA0vKTwIAqtkqPgMAAAA= eJxLyk8CAAJeATI=")]
    public void What_only_looks_like_it_stays(string text)
    {
        foreach (var (name, before, after) in Frames)
            Assert.True(string.Equals(before + text + after, Redact(before + text + after), StringComparison.Ordinal), $"{name}: {Redact(before + text + after)}");
    }

    [Theory]
    [InlineData("\u65E5\u672C\u8A9E\u3002\uFF21\uFF22\uFF23\u682A\u5F0F\u4F1A\u793E\uFF0C\uFF11\uFF12\u6708\u3002")]
    [InlineData("\u0421\u043C\u043E\u0442\u0440\u0438\u0442\u0435 \u043D\u0430 mail.example, ann.smit\u04BBers \u0438 an\u0336n")]
    [InlineData("m\u00B2 50\u200B% \u2764\uFE0F\u200D\uD83D\uDD25 \uD83C\uDDE9\uD83C\uDDEA x\u0336y\u0336 caf\u0065\u0301 \u0301")]
    public void Other_scripts_and_signs_stay(string text)
    {
        foreach (var (_, before, after) in Frames)
        {
            var message = before + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)) + after;
            Assert.Equal(message, Redact(message));
        }
    }

    /// <summary>Without padding nothing but the line end tells where a token ends.</summary>
    [Theory]
    [InlineData("ann.smith@mail.example")]
    [InlineData("id=7&r=ann.smith@mail.example")]
    [InlineData("ann.smith@mail.example.")]
    [InlineData("ann.smith@mail.example..")]
    [InlineData("{\"r\":\"ann.smith@mail.example\"}")]
    [InlineData("ann.smith@mail.example and a long text behind it")]
    [InlineData("ann.smith")]
    public void Each_line_may_be_a_token_of_its_own(string hidden)
    {
        foreach (var other in new[] { "somebody else and more", "somebody else and more.", "somebody else and more.." })
        {
            foreach (var pattern in new[] { "hh", "hoh", "hohhoh", "ohho", "hhh", "ohoohhhoh" })
            {
                foreach (var (encode, decode) in Codes)
                {
                    string[] lines = [.. pattern.Select(one => encode(one == 'h' ? hidden : other))];
                    var redacted = Redact($"To: a@b.example\r\n\r\n{string.Join("\r\n", lines)}");
                    string[] left = redacted[(redacted.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Split("\r\n");
                    foreach (var line in left)
                        Assert.DoesNotContain("smith", decode(line), StringComparison.Ordinal);
                    Assert.DoesNotContain("smith", decode(string.Concat(left)), StringComparison.Ordinal);
                    if (lines[..^1].All(line => line.Length == lines[0].Length) && lines[^1].Length <= lines[0].Length)
                        continue; // as if folded
                    Assert.Equal(lines.Length, left.Length);
                    Assert.Equal(lines.Where((_, i) => pattern[i] == 'o'), left.Where((_, i) => pattern[i] == 'o'));
                }
            }
        }
    }

    private static (Func<string, string> Encode, Func<string, string> Decode)[] Codes { get; } =
    [
        (text => Convert.ToBase64String(Octets(text)).TrimEnd('='), FromBase64),
        (text => System.Buffers.Text.Base64Url.EncodeToString(Octets(text)), text => FromBase64(text.Replace('-', '+').Replace('_', '/'))),
        (text => Convert.ToHexStringLower(Octets(text)), text => Encoding.Latin1.GetString(Convert.FromHexString(text))),
    ];

    private static string FromBase64(string text)
    {
        var letters = text.Replace("=", "", StringComparison.Ordinal);
        return string.Concat(Enumerable.Range(0, 4).Where(shift => shift < letters.Length).Select(shift =>
            Encoding.Latin1.GetString(Convert.FromBase64String(letters[shift..].PadRight((letters.Length - shift + 3) / 4 * 4, 'A'))) + "\n"));
    }

    /// <summary>Cut at every letter, in lines of every width, with the address in it once and more often.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_token_may_be_folded_anywhere(int times)
    {
        for (var before = 0; before < 6; before++)
        {
            var hidden = new string('.', before) + string.Join(" and ", Enumerable.Repeat(Address, times)) + " until the end";
            var token = Convert.ToBase64String(Octets(hidden));
            for (var width = 16; width < token.Length; width++)
            {
                foreach (var message in new[] { $"A: 1\r\n\r\n{Cut(token, width, "\r\n")}\r\n", $"A: 1\r\nX: {Cut(token, width, "\r\n ")}\r\n\r\nx" })
                {
                    var redacted = Redact(message);
                    foreach (var line in redacted.Split("\r\n"))
                        Assert.DoesNotContain("smith", FromBase64(string.Concat(line.Where(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/'))), StringComparison.Ordinal);
                    Assert.DoesNotContain("smith", FromBase64(string.Concat(redacted[4..].Where(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/'))), StringComparison.Ordinal);
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(44)]
    [InlineData(45)]
    [InlineData(400)]
    public void A_file_in_uuencode_is_looked_into(int before)
    {
        var text = $"{new string('.', before)} {Address}, {Address} {new string('-', 100)} {Address.ToUpperInvariant()} end";
        var lines = Octets(text).Chunk(45).Select(line => Encoding.Latin1.GetString(UuencodedText.Line(line, (byte)'`')));
        var redacted = Redact($"A: 1\r\n\r\nSee:\r\nbegin 644 list.txt\r\n{string.Join("\r\n", lines)}\r\n`\r\nend\r\nBye\r\n").Split("\r\n");
        Assert.Equal(["A: 1", "", "See:", "begin 644 list.txt"], redacted[..4]);
        Assert.Equal(["`", "end", "Bye", ""], redacted[^4..]);
        var left = RarerWritings.FromUu(redacted[4..^4]);
        Assert.DoesNotContain("smith", left, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith($"{new string('.', before)} ", left, StringComparison.Ordinal);
        Assert.EndsWith("@MAIL.EXAMPLE end", left, StringComparison.Ordinal);
    }

    /// <summary>Codes that hardly any program writes cost time in each message.</summary>
    [Fact]
    public void In_large_messages_the_rarer_codes_are_not_looked_for_and_all_others_are()
    {
        var padding = string.Concat(Enumerable.Repeat("A line of text as there are many.\r\n", Redactor.MaxForRarer / 30));
        var rot47 = RarerWritings.All().Single(writing => writing.Name is "ROT47").Text;
        var fullwidth = RarerWritings.All().Single(writing => writing.Name is "fullwidth").Text;
        Assert.Contains(rot47, Redact($"A: 1\r\n\r\n{padding}\r\n{rot47}\r\n"), StringComparison.Ordinal);
        Assert.DoesNotContain(fullwidth, Redact($"A: 1\r\n\r\n{padding}\r\n{fullwidth}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_unpacks_to_very_much_is_left_alone()
    {
        var bomb = Convert.ToBase64String(RarerWritings.Compressed(new string('x', 10_000_000), gzip: true));
        var message = $"A: 1\r\n\r\n{bomb}\r\n{string.Join("\r\n\r\n", Enumerable.Repeat(bomb[..2_000], 200))}\r\n";
        Assert.Equal(message, Redact(message));
    }
}
