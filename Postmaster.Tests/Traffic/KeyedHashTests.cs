using System.Text;
using Postmaster.Web.Features.Traffic;

namespace Postmaster.Tests.Traffic;

/// <summary>The keyed hashes of recipients and deliveries.</summary>
public sealed class KeyedHashTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, KeyedHash.KeyLength).Select(i => (byte)i)];

    // The first of the vectors that the algorithm's authors publish with it: key and text are 0, 1, 2, ...
    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    public void It_is_SipHash_2_4_of_128_bits(int length, string expected)
    {
        byte[] hash = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(hash, new KeyedHash(Key).Of(Key.AsSpan(0, length)));
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Fact]
    public void Those_who_speak_of_the_same_message_meet_and_nobody_else()
    {
        var hash = new KeyedHash(Key);
        UInt128 Of(string id, string mailbox) => HashedNames.Delivery(hash, Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(mailbox));

        UInt128 one = Of("<1@a.example>", "user@p.example");
        Assert.Equal(one, Of("1@a.example", " <USER@P.example> "));
        Assert.Equal(Of("1", "ü@p.example"), Of("1", "Ü@P.EXAMPLE"));
        Assert.NotEqual(one, Of("1@A.example", "user@p.example"));
        Assert.NotEqual(one, Of("1@a.exampl", "euser@p.example"));
        Assert.NotEqual(one, new KeyedHash([.. Key.Reverse()]).Of("1@a.example\0user@p.example"u8));
    }
}
