using System.Text;
using Postmaster.Fbl.Arf;

namespace Postmaster.Tests.Arf;

/// <summary>What is told for sixty-four octets at a time is what a loop over single octets tells.</summary>
public sealed class VectorScanTests
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";

    [Fact]
    public void Lines_that_mail_can_carry_are_told_as_a_reader_of_lines_tells_them()
    {
        var random = new Random(5322);
        var pieces = new[] { "\r\n", "\r\n", "\r\n", "a line\r\n", new string('x', 61), new string('y', 998), new string('z', 934), "\r", "\n", "\0", "\u00E4", "word " };
        var (mailable, broken) = (0, 0);
        for (var i = 0; i < 4_000; i++)
        {
            // Most texts are in order, so that the faults of the others are met alone.
            var text = string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => pieces[random.Next(random.Next(6) == 0 ? pieces.Length : 7)]));
            var told = MailText.Of(Encoding.Latin1.GetBytes(text));
            Assert.Equal(IsMailable(text), told.IsMailable);
            Assert.Equal(!Ascii.IsValid(text), told.Is8Bit);
            (mailable, broken) = told.IsMailable ? (mailable + 1, broken) : (mailable, broken + 1);
        }
        Assert.InRange(mailable, 500, 3_500);
        Assert.InRange(broken, 500, 3_500);
    }

    private static bool IsMailable(string text) =>
        text.Split("\r\n").All(line => line.Length <= MailText.MaxLineLength && !line.AsSpan().ContainsAny('\r', '\n', '\0'));

    [Fact]
    public void Runs_are_found_where_they_begin_whatever_their_length_and_the_end_of_the_text()
    {
        var runs = new OctetRuns(Encoding.ASCII.GetBytes(Letters));
        var random = new Random(64);
        for (var i = 0; i < 4_000; i++)
        {
            var text = new byte[random.Next(300)];
            foreach (ref var octet in text.AsSpan())
                octet = random.Next(12) == 0 ? (byte)random.Next(256) : (byte)Letters[random.Next(Letters.Length)];
            var (from, length) = (random.Next(text.Length + 1), random.Next(1, OctetRuns.Longest + 1));
            var expected = Enumerable.Range(from, Math.Max(0, text.Length - length + 1 - from)).FirstOrDefault(
                at => text.AsSpan(at, length).IndexOfAnyExcept(Encoding.ASCII.GetBytes(Letters)) < 0, -1);
            Assert.Equal(expected, runs.Next(text, from, length));
        }
    }

    [Fact]
    public void Every_place_where_a_beginning_stands_is_found()
    {
        var filter = new BeginningFilter();
        filter.Add(0, "ab"u8, "cd"u8, "ef"u8);
        filter.Add(1, "a"u8, "\r%"u8, default);
        filter.Add(2, [0xC2], default, default);
        var random = new Random(3);
        for (var i = 0; i < 4_000; i++)
        {
            var text = new byte[random.Next(300)];
            foreach (ref var octet in text.AsSpan())
                octet = random.Next(3) == 0 ? (byte)random.Next(256) : "abcdef\r%\0xy"u8[random.Next(11)];
            var expected = Enumerable.Range(0, text.Length).Where(at => Begins(text.AsSpan(at))).ToList();
            var found = new List<int>();
            var places = filter.In(text);
            for (var at = places.Next(0); at >= 0; at = places.Next(at + 1))
                found.Add(at);
            Assert.Equal(expected, found);
        }
    }

    private static bool Begins(ReadOnlySpan<byte> text)
    {
        var (second, third) = (text.Length > 1 ? text[1] : (byte)0, text.Length > 2 ? text[2] : (byte)0);
        return (text[0] is (byte)'a' or (byte)'b' && second is (byte)'c' or (byte)'d' && third is (byte)'e' or (byte)'f')
            || (text[0] == 'a' && second is (byte)'\r' or (byte)'%') || text[0] == 0xC2;
    }
}
