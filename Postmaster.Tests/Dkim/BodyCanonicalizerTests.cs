using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Dkim;

namespace Postmaster.Tests.Dkim;

public sealed class BodyCanonicalizerTests
{
    private const DkimCanonicalization Simple = DkimCanonicalization.Simple;
    private const DkimCanonicalization Relaxed = DkimCanonicalization.Relaxed;

    public static TheoryData<string, string, string> Bodies() => new()
    {
        // body, simple, relaxed
        { "", "\r\n", "" },
        { "\r\n", "\r\n", "" },
        { "\r\n\r\n\r\n", "\r\n", "" },
        { "a", "a\r\n", "a\r\n" },
        { "a\r\n", "a\r\n", "a\r\n" },
        { "a\r\n\r\n\r\n", "a\r\n", "a\r\n" },
        { "\r\n\r\na\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n" },
        { "  \r\n\t\r\n", "  \r\n\t\r\n", "" },
        { "   ", "   \r\n", "" },
        { " a \t b\t\r\n", " a \t b\t\r\n", " a b\r\n" },
        { "\ta", "\ta\r\n", " a\r\n" },
        { "a  \r\n \r\nb\r\n", "a  \r\n \r\nb\r\n", "a\r\n\r\nb\r\n" },
        { "a\rb\r\n", "a\rb\r\n", "a\rb\r\n" }, // a bare CR is no line end
        { "a \r b", "a \r b\r\n", "a \r b\r\n" },
        { "a\r", "a\r\r\n", "a\r\r\n" },
        { "a\r\r\n", "a\r\r\n", "a\r\r\n" },
        { "a\n\nb", "a\r\n\r\nb\r\n", "a\r\n\r\nb\r\n" }, // a bare LF is one
        { "a\u00a0\u00a0b\u00a0\r\n", "a\u00a0\u00a0b\u00a0\r\n", "a\u00a0\u00a0b\u00a0\r\n" }, // no white space but SP and TAB
        { "a\u000b\u000cb\r\n", "a\u000b\u000cb\r\n", "a\u000b\u000cb\r\n" },
        { "a\0b", "a\0b\r\n", "a\0b\r\n" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void The_canonical_form_is_that_of_the_RFC_however_the_body_is_cut(string body, string simple, string relaxed)
    {
        Check(body, Simple, simple);
        Check(body, Relaxed, relaxed);

        static void Check(string body, DkimCanonicalization canonicalization, string canonical)
        {
            var expected = (Digest(canonical), (long)canonical.Length);
            for (var size = 1; size <= body.Length + 1; size++)
            {
                Assert.Equal(expected, Run(DkimKit.Octets(body), canonicalization, size));
                if (!body.Contains('\r', StringComparison.Ordinal) || !body.Replace("\r\n", "", StringComparison.Ordinal).Contains('\r', StringComparison.Ordinal))
                    Assert.Equal(expected, Run(DkimKit.Octets(DkimKit.WithLf(body)), canonicalization, size));
            }
        }
    }

    [Fact]
    public void The_hashes_of_an_empty_body_are_the_known_ones()
    {
        Assert.Equal("frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", DkimKit.BodyHash("", Simple));
        Assert.Equal("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", DkimKit.BodyHash("", Relaxed));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "a")]
    [InlineData(4, "a\r\nb")]
    [InlineData(6, "a\r\nb\r\n")]
    [InlineData(99, "a\r\nb\r\n")]
    public void A_limit_cuts_what_is_hashed_but_not_the_length(long limit, string hashed)
    {
        using var canonicalizer = new BodyCanonicalizer(Simple, limit);
        canonicalizer.Append("a\r\nb\r\n\r\n"u8);
        var digest = new byte[32];
        canonicalizer.Finish(digest);
        Assert.Equal(Digest(hashed), Convert.ToBase64String(digest));
        Assert.Equal(6, canonicalizer.Length);
    }

    [Theory]
    [InlineData("a\r\nb\r\n", false)]
    [InlineData("a\r\nb\n", true)]
    [InlineData("\na", true)]
    public void Bare_line_feeds_are_noticed(string body, bool bare)
    {
        using var canonicalizer = new BodyCanonicalizer(Relaxed);
        foreach (var octet in DkimKit.Octets(body))
            canonicalizer.Append([octet]);
        Assert.Equal(bare, canonicalizer.BareLineFeeds);
    }

    /// <summary>Random bodies of the octets that matter, against the rules written down line by line.</summary>
    [Fact]
    public void Random_bodies_agree_with_a_reading_line_by_line()
    {
        var random = new Random(34);
        string[] pieces = ["a", "bc", " ", "\t", "\r\n", "\r\n\r\n", "\n", "  ", " \r\n", new string('x', 5000), new string(' ', 40)];
        for (var round = 0; round < 1_500; round++)
        {
            var body = string.Concat(Enumerable.Range(0, random.Next(0, 40)).Select(_ => pieces[random.Next(pieces.Length)]));
            foreach (var canonicalization in new[] { Simple, Relaxed })
            {
                var canonical = LineByLine(body, canonicalization);
                Assert.Equal((Digest(canonical), canonical.Length), Run(DkimKit.Octets(body), canonicalization, random.Next(1, 9000)));
            }
        }
    }

    private static string LineByLine(string body, DkimCanonicalization canonicalization)
    {
        var lines = body.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n').AsEnumerable();
        if (canonicalization == Relaxed)
        {
            lines = lines.Select(line => string.Join(' ', line.Split(' ', '\t').Where((word, i) => i == 0 || word.Length > 0)));
            lines = lines.Select(line => line.TrimEnd(' '));
        }
        var kept = lines.Reverse().SkipWhile(line => line.Length == 0).Reverse().ToList();
        return kept.Count == 0 && canonicalization == Relaxed ? "" : string.Join("\r\n", kept) + "\r\n";
    }

    private static (string Digest, long Length) Run(byte[] body, DkimCanonicalization canonicalization, int pieceSize)
    {
        using var canonicalizer = new BodyCanonicalizer(canonicalization);
        foreach (var piece in body.Chunk(pieceSize))
            canonicalizer.Append(piece);
        var digest = new byte[32];
        canonicalizer.Finish(digest);
        return (Convert.ToBase64String(digest), canonicalizer.Length);
    }

    private static string Digest(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.Latin1.GetBytes(text)));
}
