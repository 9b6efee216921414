using System.Globalization;
using System.Text;

namespace Postmaster.Tests.Support;

/// <summary>
/// What every parser is fed with: its samples cut at each octet, with LF for CRLF, changed at random, sentences made of its own alphabet, and
/// each word of the alphabet without end. The same seed, the same inputs. Fails when the parser throws, when it allocates more than its
/// input allows, and when the batch hangs.
/// </summary>
internal sealed class ParserFuzz
{
    private static readonly byte[] Odd = [0, 1, 9, 10, 13, 32, 127, 128, 0xC3, 0xA4, 0xFF];

    public required int Seed { get; init; }

    /// <summary>One character an octet, unless the parser reads text.</summary>
    public required IReadOnlyList<string> Samples { get; init; }

    /// <summary>The words of the protocol, and what may be taken for one.</summary>
    public required IReadOnlyList<string> Alphabet { get; init; }

    /// <summary>How many samples are changed, and how many sentences made.</summary>
    public int Rounds { get; init; } = 1500;

    /// <summary>Every sample is cut at each octet. A parser that is slow for good reasons may take every n-th.</summary>
    public int CutStep { get; init; } = 1;

    /// <summary>How long one word repeated becomes; 0 for none.</summary>
    public int FloodLength { get; init; } = 128 * 1024;

    /// <summary>For a batch that takes a second or two: beyond is a hang, or work that grows with the square of the input.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Octets that may be allocated for one octet of the input, and for an empty input.</summary>
    public (int EachOctet, int Constant) Allocation { get; init; } = (64, 64 * 1024);

    public void Run(Action<byte[]> parse) => Run(text => Encoding.Latin1.GetBytes(text), parse);

    public void RunText(Action<string> parse) => Run(text => text, parse);

    /// <summary>The result of what does not wait: no network is in the game.</summary>
    public static T Now<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    private void Run<T>(Func<string, T> encode, Action<T> parse)
    {
        (string Origin, string Text) current = ("nothing", "");
        Exception? failure = null;
        var work = new Thread(() =>
        {
            try
            {
                foreach (var sample in Samples) // so that what is made once is not counted
                    parse(encode(sample));
                foreach (var input in Inputs())
                {
                    current = input;
                    Feed(encode(input.Text), input.Text.Length, parse);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }) { IsBackground = true };
        work.Start();
        Assert.True(work.Join(Patience), $"It hangs in {Describe(current)}");
        Assert.True(failure is null, $"{Describe(current)}: {failure}");
    }

    private void Feed<T>(T input, int length, Action<T> parse)
    {
        var allowed = Allocation.Constant + ((long)Allocation.EachOctet * length);
        var used = Allocated(input, parse);
        if (used > allowed)
            used = Allocated(input, parse); // the first time may have made something for all later ones
        Assert.True(used <= allowed, string.Create(CultureInfo.InvariantCulture, $"{used} octets allocated for {length}, {allowed} are allowed"));
    }

    private static long Allocated<T>(T input, Action<T> parse)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        parse(input);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private IEnumerable<(string Origin, string Text)> Inputs()
    {
        var random = new Random(Seed);
        var samples = Samples.Concat(Samples.Where(s => s.Contains("\r\n", StringComparison.Ordinal)).Select(s => s.Replace("\r\n", "\n", StringComparison.Ordinal))).ToList();
        foreach (var sample in samples)
        {
            for (long cut = 0; cut < sample.Length; cut += CutStep)
                yield return ($"cut at {cut}", sample[..(int)cut]);
            yield return ("whole", sample);
        }
        for (var round = 0; round < Rounds; round++)
        {
            yield return ($"change {round}", Changed(samples, random));
            yield return ($"sentence {round}", Sentence(samples, random));
        }
        foreach (var word in FloodLength == 0 ? [] : Alphabet.Where(w => w.Length > 0))
        {
            var flood = string.Concat(Enumerable.Repeat(word, FloodLength / word.Length));
            yield return ("flood", flood);
            var sample = samples[random.Next(samples.Count)];
            var cut = random.Next(sample.Length + 1);
            yield return ($"flood at {cut}", sample[..cut] + flood + sample[cut..]);
        }
    }

    private string Changed(List<string> samples, Random random)
    {
        var text = new StringBuilder(samples[random.Next(samples.Count)]);
        for (var changes = random.Next(1, 7); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(1, 20), text.Length - at);
            switch (random.Next(6))
            {
                case 0 when length > 0:
                    text[at] = (char)Odd[random.Next(Odd.Length)];
                    break;
                case 1 when length > 0:
                    text[at] = (char)random.Next(256);
                    break;
                case 2:
                    text.Remove(at, length);
                    break;
                case 3:
                    text.Insert(random.Next(text.Length + 1), text.ToString(at, length));
                    break;
                case 4:
                    var other = samples[random.Next(samples.Count)];
                    text.Remove(at, text.Length - at).Append(other, Math.Min(at, other.Length), other.Length - Math.Min(at, other.Length));
                    break;
                default:
                    text.Insert(at, Word(random));
                    break;
            }
        }
        return text.ToString();
    }

    private string Sentence(List<string> samples, Random random)
    {
        var sample = samples[random.Next(samples.Count)];
        var text = new StringBuilder(sample, 0, random.Next(2) == 0 ? 0 : random.Next(sample.Length + 1), 256);
        for (var words = random.Next(30); words > 0; words--)
            text.Append(Word(random));
        return text.ToString();
    }

    private string Word(Random random) => Alphabet[random.Next(Alphabet.Count)];

    private string Describe((string Origin, string Text) input)
    {
        var text = new StringBuilder();
        foreach (var c in input.Text.AsSpan(0, Math.Min(input.Text.Length, 600)))
            text.Append(c is >= ' ' and <= '~' ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"));
        return string.Create(CultureInfo.InvariantCulture, $"{input.Origin} of seed {Seed}, {input.Text.Length} long: {text}");
    }
}
