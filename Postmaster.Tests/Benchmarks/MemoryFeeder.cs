using System.Collections.Concurrent;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Memory;

namespace Postmaster.Benchmarks;

/// <summary>
/// Sends deliveries, each another one, and what happened to them later: one half of that speaks of deliveries that were sent a while ago, the other of
/// those that were put into the memory by <see cref="FillAsync"/>, as far as there are any. The sendings of a batch are told apart by numbers:
/// those that were filled in have low ones.
/// </summary>
internal sealed class MemoryFeeder
{
    private const int Templates = 40, FirstSending = 1 << 30;

    /// <summary>Entries of a transaction that fills the memory: about those of a commit under load.</summary>
    private const int FillStep = 40_000;

    private readonly Product _product;
    private readonly EventFeeder _feeder;
    private readonly Template[] _templates;
    private readonly ConcurrentQueue<Template> _idle;
    private byte[][][]? _values;

    /// <summary>Sendings that were filled in; the batches take turns.</summary>
    private long _filled;

    public MemoryFeeder(Product product, EventFeeder feeder, DateTimeOffset now)
    {
        var mix = new EventMix(seed: 1);
        (_product, _feeder) = (product, feeder);
        _templates = [.. Enumerable.Range(0, Templates).Select(i => new Template(i, mix.Remembered(now)))];
        _idle = new ConcurrentQueue<Template>(_templates);
    }

    /// <summary>Deliveries in the memory that came past the door.</summary>
    public long Filled { get; private set; }

    /// <summary>The lines of a batch.</summary>
    public byte[] Sample => _templates[0].Batch.Octets;

    /// <summary>Batches after which every batch was sent at least twice, so that all later events find their deliveries.</summary>
    public static int WarmUp => 4 * Templates;

    public Task<Fed> SendAsync(int batches) => _feeder.SendAsync(batches, Next);

    /// <summary>Puts deliveries into the memory until there are so many, in the streams that they had when they came by the door.</summary>
    public async Task FillAsync(long deliveries)
    {
        var databases = _product.Host.Services.GetRequiredService<IDbContextFactory<PostmasterDb>>();
        HashRoom room = _product.Host.Services.GetRequiredService<MemoryRooms>().Deliveries;
        KeyedHash hash = await _product.Host.Services.GetRequiredService<TrafficKeys>().OpenAsync(CancellationToken.None);
        while (Filled < deliveries)
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync();
            await using var transaction = await db.Database.BeginTransactionAsync();
            using (RoomStep step = await room.OpenAsync(db, CancellationToken.None))
            {
                _values ??= await ValuesAsync(step, hash);
                for (int added = 0; added < FillStep; _filled++)
                {
                    Template template = _templates[_filled % Templates];
                    for (int i = 0; i < template.Batch.Deliveries.Count; i++)
                        step.Put(KeyOf(hash, template.Batch.Deliveries[i], _filled), step.Pool.Get(_values[template.Number][i]));
                    added += template.Batch.Deliveries.Count;
                    Filled += template.Batch.Deliveries.Count;
                }

                await step.WriteAsync(CancellationToken.None);
            }

            await transaction.CommitAsync();
        }
    }

    /// <summary>What the product remembered of each delivery of each batch.</summary>
    private async Task<byte[][][]> ValuesAsync(RoomStep step, KeyedHash hash)
    {
        var values = new byte[Templates][][];
        foreach (Template template in _templates)
        {
            long last = template.Sending - Templates;
            ulong[] keys = [.. template.Batch.Deliveries.Select(d => KeyOf(hash, d, last))];
            Dictionary<ulong, byte[]> found = await step.FindAsync(keys, CancellationToken.None);
            values[template.Number] = [.. keys.Select(k => found[k])];
        }

        return values;
    }

    private static ulong KeyOf(KeyedHash hash, RememberedLine line, long sending) => DeliveryHash.Of(HashedNames.Delivery(
        hash, Encoding.ASCII.GetBytes(RememberedBatch.IdOf(line, sending)), Encoding.ASCII.GetBytes(FormattableString.Invariant($"user{line.Mailbox}@provider.example"))));

    private (byte[] Octets, Action Answered) Next()
    {
        if (!_idle.TryDequeue(out Template? template))
            throw new InvalidOperationException("More batches are under way than there are.");
        long recent = template.Sending - Templates, turns = _filled / Templates;
        bool old = false;
        template.Batch.Number(template.Sending, () => (old = !old) && turns > 0 ? (Random.Shared.NextInt64(turns) * Templates) + template.Number : recent);
        template.Sending += Templates;
        return (template.Batch.Octets, () => _idle.Enqueue(template));
    }

    private sealed class Template(int number, RememberedBatch batch)
    {
        public int Number => number;
        public RememberedBatch Batch => batch;
        public long Sending { get; set; } = FirstSending + number;
    }
}
