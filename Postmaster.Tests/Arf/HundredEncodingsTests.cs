using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Xarf;
using Postmaster.Tests.Xarf;
using static Postmaster.Tests.Arf.HidingPlaces;

namespace Postmaster.Tests.Arf;

/// <summary>A known address, written in more than a hundred ways in every place of a message, is in no output, and everything around it is as it was.</summary>
public sealed class HundredEncodingsTests
{
    private static readonly MailAddress Ann = MailAddress.Parse(Address);
    private static readonly RedactionKey Key = RedactionKey.ForOwner(new byte[32], "owner-1");

    private static byte[] Redact(byte[] message) => Redactor.Redact(MessageReader.Read(message), Ann, Key, RedactionMode.Recipient);

    public static TheoryData<string> PlaceNames() => [.. Places.Select(place => place.Name)];

    [Fact]
    public void There_are_a_hundred_writings_and_the_tracer_finds_each()
    {
        var writings = Writings().ToList();
        Assert.InRange(writings.Count, 100, int.MaxValue);
        Assert.Equal(writings.Count, writings.DistinctBy(writing => writing.Name, StringComparer.Ordinal).Count());
        var unseen = (from writing in writings
                      from place in Places
                      where AddressTracer.Find(Octets(place.Message(writing.Text))) is null
                      select $"{writing.Name}, {place.Name}").ToList();
        Assert.True(unseen.Count == 0, string.Join("\n", unseen));
    }

    [Theory]
    [MemberData(nameof(PlaceNames))]
    public void No_trace_is_left_in_any_shape_and_the_rest_is_as_it_was(string place)
    {
        var message = Places.Single(one => string.Equals(one.Name, place, StringComparison.Ordinal)).Message;
        var leaks = new List<string>();
        foreach (var (name, text) in Writings().Where(writing => !(writing.Name is "no width" && place is "UTF-16 part"))) // those octets are other characters there
        {
            var original = Octets(message(text));
            var redacted = Redact(original);
            if (AddressTracer.Find(redacted) is { } trace)
                leaks.Add($"{name}: {trace}: {Encoding.Latin1.GetString(redacted)}");
            else if (OutsideDiffers(message, text, redacted) is { } difference)
                leaks.Add($"{name}: {difference}");
            // All shapes of two places, and of the others now this one, now that one.
            var shapes = Enum.GetValues<OriginalShape>();
            foreach (var shape in place is "part" or "Message-ID" ? shapes : [shapes[name.Length % shapes.Length]])
            {
                var report = FeedbackReportWriter.Write(FeedbackReportWriterTests.Draft(redacted, shape));
                if (AddressTracer.Find(report) is { } inReport)
                    leaks.Add($"{name}, {shape}: {inReport}");
                Assert.True(XarfWriter.TryWrite(XarfWriterTests.Draft() with { Original = redacted, Shape = shape }, out var json, out _));
                if (AddressTracer.Find(json) is { } inJson)
                    leaks.Add($"{name}, {shape}, XARF: {inJson}");
            }
        }
        Assert.True(leaks.Count == 0, string.Join("\n", leaks));
    }

    /// <summary>Two encodings in one another at a random place, folded or not, with random text around.</summary>
    [Fact]
    public void Random_nesting_leaves_no_trace_either()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("POSTMASTER_TEST_ROUNDS"), System.Globalization.CultureInfo.InvariantCulture, out var wanted) ? wanted : 600;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("POSTMASTER_TEST_SEED"), System.Globalization.CultureInfo.InvariantCulture, out var asked) ? asked : 6590;
        var random = new Random(seed);
        var places = Places.ToList();
        var leaks = new List<string>();
        for (var i = 0; i < rounds && leaks.Count < 20; i++)
        {
            var inner = Encodings[random.Next(Encodings.Count)];
            var outer = Encodings[random.Next(Encodings.Count)];
            var (place, message) = places[random.Next(places.Count)];
            if ((inner.Name + outer.Name).Contains("upper case", StringComparison.Ordinal) && outer.Name is "upper case" && inner.Name is not "as it is")
                continue; // base64 in capitals is something else
            var text = outer.Write(inner.Write(RandomCase(random)));
            var original = Octets(message(text));
            var redacted = Redact(original);
            if (AddressTracer.Find(redacted) is { } trace)
                leaks.Add($"{inner.Name} in {outer.Name} at {place}: {trace}\n{Encoding.Latin1.GetString(original)}\n{Encoding.Latin1.GetString(redacted)}");
            else if (OutsideDiffers(message, text, redacted) is { } difference)
                leaks.Add($"{inner.Name} in {outer.Name} at {place}: {difference}\n{Encoding.Latin1.GetString(original)}\n{Encoding.Latin1.GetString(redacted)}");
        }
        Assert.True(leaks.Count == 0, $"seed {seed}\n{string.Join("\n\n", leaks)}");
    }

    private static string RandomCase(Random random) => string.Concat(Address.Select(c => random.Next(4) == 0 ? char.ToUpperInvariant(c) : c));

    /// <summary>What stands before and after the writing must be there, octet for octet, in the message or where its part is encoded in what it decodes to.</summary>
    private static string? OutsideDiffers(Func<string, string> message, string text, byte[] redacted)
    {
        var frames = message("\u0001\u0001").Replace("\u0001\u0001", "\u0001", StringComparison.Ordinal).Split('\u0001');
        var after = Encoding.Latin1.GetString(redacted);
        if (frames.Length > 1 && frames[0].Contains("filename*0", StringComparison.Ordinal))
            return Frames(["A: 1\r\nContent-Disposition: attachment;", "\r\n\r\nbody\r\n"], after); // RFC 2231 lets the parameter be one again
        if (frames.Length > 1)
            return Frames(frames, after);
        // The place encodes: the header and the parts around stay, and so does the decoded text around.
        var before = MessageReader.Read(Octets(message(text)));
        var read = MessageReader.Read(redacted);
        if (!before.Root.TryDecode(out var old) || !read.Root.TryDecode(out var now))
            return "cannot be decoded";
        var plain = MessageReader.Read(Octets(message("\u0001")));
        plain.Root.TryDecode(out var empty);
        var mark = Encoding.Latin1.GetString(empty).Replace("\0", "", StringComparison.Ordinal).Split('\u0001');
        return mark.Length < 2 ? null : Frames(mark, Encoding.Latin1.GetString(now).Replace("\0", "", StringComparison.Ordinal)) ?? SameLines(message(text), after, old, now);
    }

    private static string? Frames(string[] frames, string after)
    {
        if (!after.StartsWith(frames[0], StringComparison.Ordinal))
            return $"before it: {after}";
        if (!after.EndsWith(frames[^1], StringComparison.Ordinal))
            return $"after it: {after}";
        return frames[1..^1].Any(frame => !after.Contains(frame, StringComparison.Ordinal)) ? $"between: {after}" : null;
    }

    /// <summary>In base64 the lines before the first changed octet stay.</summary>
    private static string? SameLines(string before, string after, byte[] old, byte[] now)
    {
        var same = old.AsSpan().CommonPrefixLength(now);
        var body = before.IndexOf("\n\r\n", StringComparison.Ordinal) is var crlf and >= 0 ? crlf + 3 : before.IndexOf("\n\n", StringComparison.Ordinal) + 2;
        var line = before.AsSpan(body).IndexOf('\n') + 1;
        var lines = line == 0 ? 0 : same * 4 / 3 / line;
        return string.CompareOrdinal(before, 0, after, 0, body + (lines * line)) == 0 ? null : $"lines before it: {after}";
    }

    [Theory]
    [InlineData("ann.smith@other.example")]
    [InlineData("joann.smith@mail.example")]
    [InlineData("ann@mail.example")]
    [InlineData("smith@mail.example")]
    [InlineData("hello@mail.example")]
    [InlineData("Anna Smith met Ann Smithers")]
    [InlineData("YW5uLnNtaXRoQG90aGVyLmV4YW1wbGU=")] // ann.smith@other.example
    [InlineData("616e6e61")]
    public void Other_people_and_ordinary_words_stay_in_every_place(string text)
    {
        foreach (var (name, message) in Places)
            Assert.True(string.Equals(message($"<{text}>"), Encoding.Latin1.GetString(Redact(Octets(message($"<{text}>")))), StringComparison.Ordinal), name);
    }

    [Fact]
    public void A_message_that_holds_no_address_comes_back_octet_for_octet()
    {
        var random = new Random(1);
        var pieces = Writings().Select(writing => writing.Text).Where(text => text.Length < 60).ToArray();
        for (var i = 0; i < 300; i++)
        {
            var noise = new byte[random.Next(3_000)];
            random.NextBytes(noise);
            var encoding = new[] { "base64", "quoted-printable", "8bit", "x-unknown" }[i % 4];
            byte[] message = [.. Octets($"Content-Type: text/html\r\nContent-Transfer-Encoding: {encoding}\r\nX: {pieces[0].Replace("ann", "bob", StringComparison.OrdinalIgnoreCase)}\r\n\r\n"), .. noise];
            Assert.Equal(message, Redact(message));
        }
    }
}
