using System.Net;
using System.Text.Json;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>The door for events: who may come in, with what, and that 200 means counted.</summary>
public sealed class EventDoorTests
{
    [Fact]
    public async Task A_delivery_is_counted_for_the_domain_and_each_of_its_streams()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("owner.example");
        JsonElement answer = await app.IngestAsync(app.Delivered(
            "owner.example",
            ""","ip":"192.0.2.7","helo":"mx.owner.example","mail_from":"bounce@b.owner.example","rcpt":"u@p.example","spf":"pass","dmarc":"pass","tls":"TLSv1.3","size":1000"""
            + ""","folder":"inbox","list_id":"News <news.owner.example>","feedback_id":"c1:cust:promo:owner","msgtype":"Promo","message_id":"<1@owner.example>" """));

        Assert.Equal((1, 0, false), (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("bad").GetInt32(), answer.GetProperty("duplicate").GetBoolean()));
        Dictionary<(StreamKind, string), TrafficCounts> counts = await app.CountsAsync("owner.example");
        Assert.Equal(
            [
                (StreamKind.Whole, ""), (StreamKind.ListId, "news.owner.example"), (StreamKind.FeedbackSender, "owner"), (StreamKind.Feedback1, "c1"),
                (StreamKind.Feedback2, "cust"), (StreamKind.Feedback3, "promo"), (StreamKind.MessageType, "promo"), (StreamKind.Selector, "s1"),
                (StreamKind.EnvelopeDomain, "b.owner.example"), (StreamKind.Ip, "192.0.2.7"), (StreamKind.Network, "192.0.2.0/24"),
            ],
            counts.Keys.Order());
        foreach (TrafficCounts cell in counts.Values)
        {
            Assert.Equal((1, 1000), (cell[TrafficCounter.DeliveredInbox], cell[TrafficCounter.Octets]));
            Assert.Equal((1, 1, 1), (cell[TrafficCounter.DkimKnown], cell[TrafficCounter.DkimPass], cell[TrafficCounter.DkimAligned]));
            Assert.Equal((1, 1, 1), (cell[TrafficCounter.SpfKnown], cell[TrafficCounter.SpfPass], cell[TrafficCounter.SpfAligned]));
            Assert.Equal((1, 1, 1, 1), (cell[TrafficCounter.DmarcKnown], cell[TrafficCounter.DmarcPass], cell[TrafficCounter.TlsKnown], cell[TrafficCounter.Tls]));
            Assert.Equal(1, cell.Recipients.Estimate);
        }
    }

    [Fact]
    public async Task A_repeated_key_counts_once()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string line = app.Delivered("owner.example");
        JsonElement first = await app.IngestAsync(line, "k"), second = await app.IngestAsync(line, "k");
        Assert.False(first.GetProperty("duplicate").GetBoolean());
        Assert.True(second.GetProperty("duplicate").GetBoolean());
        Assert.Equal(1, second.GetProperty("accepted").GetInt32());
        Assert.Equal(1, (await app.CountsAsync("owner.example"))[(StreamKind.Whole, "")].Delivered);
    }
}
