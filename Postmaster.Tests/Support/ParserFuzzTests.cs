using System.Text;
using Xunit.Sdk;

namespace Postmaster.Tests.Support;

/// <summary>The kit itself sees what it is there to see.</summary>
public sealed class ParserFuzzTests
{
    private static readonly ParserFuzz Kit = new() { Seed = 1, Samples = ["ab\r\nc"], Alphabet = ["ab", "x"], Rounds = 20, FloodLength = 4096 };

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        Assert.Equal(Inputs(Kit), Inputs(Kit));
        Assert.NotEqual(Inputs(Kit), Inputs(new ParserFuzz { Seed = 2, Samples = Kit.Samples, Alphabet = Kit.Alphabet, Rounds = Kit.Rounds, FloodLength = Kit.FloodLength }));
    }

    [Fact]
    public void Every_cut_both_line_ends_and_every_flood_are_among_them()
    {
        var inputs = Inputs(Kit);
        Assert.Superset(new HashSet<string>(["", "a", "ab\r", "ab\n", "ab\nc", "ab\r\nc", string.Concat(Enumerable.Repeat("ab", 2048)), new string('x', 4096)]), inputs.ToHashSet());
    }

    [Fact]
    public void An_exception_is_told_with_its_input()
    {
        var failure = Assert.Throws<TrueException>(() => Kit.Run(octets => Assert.NotEqual(3, octets.Length)));
        Assert.Contains("cut at 3 of seed 1, 3 long: ab\\u000D", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_grows_with_the_square_of_the_input_is_found()
    {
        var failure = Assert.Throws<TrueException>(() => Kit.Run(octets =>
        {
            for (var i = 0; i < octets.Length; i++)
                _ = octets[i..];
        }));
        Assert.Contains("flood", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hang_is_found()
    {
        using var never = new ManualResetEventSlim();
        var hanging = new ParserFuzz { Seed = 1, Samples = ["a"], Alphabet = ["x"], Patience = TimeSpan.FromMilliseconds(50) };
        var failure = Assert.Throws<TrueException>(() => hanging.RunText(text =>
        {
            if (text.Length > 1)
                never.Wait();
        }));
        Assert.StartsWith("It hangs in ", failure.Message, StringComparison.Ordinal);
        never.Set();
    }

    private static List<string> Inputs(ParserFuzz kit)
    {
        var inputs = new List<string>();
        kit.Run(octets => inputs.Add(Encoding.Latin1.GetString(octets)));
        return inputs;
    }
}
