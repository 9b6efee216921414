using Postmaster.Web.Features.Traffic.Memory;

namespace Postmaster.Tests.Traffic;

/// <summary>The parts of the memory by themselves.</summary>
public sealed class KeptHashesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void A_filter_never_denies_what_it_has_and_seldom_knows_what_it_has_not(int count)
    {
        var random = new Random(count + 1);
        ulong[] hashes = Hashes(random, count);
        byte[] filter = HashFilter.Of(hashes);
        Assert.All(hashes, h => Assert.True(new HashProbe(h).MayBeIn(filter)));
        Assert.InRange(Hashes(random, 20_000).Count(h => new HashProbe(h).MayBeIn(filter)), 0, 200);
    }

    [Fact]
    public void A_block_gives_back_each_value_under_its_hash()
    {
        ulong[] hashes = Hashes(new Random(3), 5000);
        Array.Sort(hashes);
        var pool = new ValuePool();
        byte[][] values = [.. hashes.Select(h => pool.Get(new byte[h % 7]))];
        byte[] block = EntryBlock.Write(hashes, values);
        Assert.Equal(hashes.Length, EntryBlock.Count(block));
        for (int i = 0; i < hashes.Length; i++)
        {
            Assert.Equal(i, EntryBlock.Find(block, hashes[i]));
            Assert.Equal(values[i], EntryBlock.Value(block, i).ToArray());
            Assert.True(EntryBlock.Find(block, hashes[i] + 1) < 0 || hashes.Contains(hashes[i] + 1));
        }
    }

    [Fact]
    public void Records_of_people_come_back_as_they_were()
    {
        long time = new DateTime(2026, 11, 22, 1, 2, 3, DateTimeKind.Utc).Ticks;
        var left = new LeftRecord(time, time + TimeSpan.TicksPerHour, true, [1, 2, 3]);
        LeftRecord read = LeftRecord.Read(left.Write());
        Assert.Equal((left.At, left.ToldAt, true), (read.At, read.ToldAt, read.IsMailedAgain));
        Assert.Equal(left.Streams, read.Streams);
        var invited = new InvitedRecord(3, time, time + (90 * TimeSpan.TicksPerDay));
        Assert.Equal(invited, InvitedRecord.Read(invited.Write()));
    }

    [Fact]
    public void Sets_of_streams_come_back_domain_by_domain()
    {
        KeptStream[] streams = [new(1, true, false), new(int.MaxValue, false, true), new(300, true, true), new(17, false, false)];
        var read = new List<KeptStream>();
        StreamSet.Read(StreamSet.Pack(streams, new ValuePool()), read);
        Assert.Equal(streams, read);
        Assert.Equal(2, StreamSet.OfDomain(streams));
    }

    private static ulong[] Hashes(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue)))];
}
