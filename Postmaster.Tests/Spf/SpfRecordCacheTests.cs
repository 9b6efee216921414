using System.Text;
using Postmaster.Fbl.Spf;

namespace Postmaster.Tests.Spf;

public sealed class SpfRecordCacheTests
{
    [Fact]
    public void The_same_text_is_read_once()
    {
        var cache = new SpfRecordCache(10);
        Assert.Same(Read(cache, "v=spf1 -all"), Read(cache, "v=spf1 -all"));
        Assert.NotSame(Read(cache, "v=spf1 -all"), Read(cache, "v=spf1 ~all"));
        Assert.Same(Read(cache, "v=spf1 moo"), Read(cache, "v=spf1 moo")); // errors too
    }

    [Fact]
    public void Many_texts_push_out_those_that_nobody_asks_for()
    {
        var cache = new SpfRecordCache(20);
        var kept = Read(cache, "v=spf1 kept=1");
        var lost = Read(cache, "v=spf1 lost=1");
        for (var i = 0; i < 200; i++)
        {
            Read(cache, $"v=spf1 x={i}");
            Assert.Same(kept, Read(cache, "v=spf1 kept=1"));
            Assert.InRange(cache.Count, 1, 20);
        }
        Assert.NotSame(lost, Read(cache, "v=spf1 lost=1"));
    }

    [Fact]
    public void Many_threads_may_read()
    {
        var cache = new SpfRecordCache(50);
        Parallel.For(0, 4000, i => Assert.NotNull(Read(cache, $"v=spf1 x={i % 97}").Record));
        Assert.InRange(cache.Count, 1, 60);
    }

    private static SpfRecordOutcome Read(SpfRecordCache cache, string text) => cache.Read(Encoding.Latin1.GetBytes(text));
}
