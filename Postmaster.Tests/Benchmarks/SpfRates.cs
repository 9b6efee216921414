using System.Net;
using System.Text;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Benchmarks;

/// <summary>check_host() with every answer at hand: a record that includes two others, the client found in the last.</summary>
internal static class SpfRates
{
    public static void Measure(Table table)
    {
        var zone = new ZoneResolver()
            .AddTxt("example.org", "v=spf1 ip4:192.0.2.0/28 include:_spf.example.net include:_spf.example.com -all")
            .AddTxt("_spf.example.net", "v=spf1 ip4:198.51.100.0/25 ip6:2001:db8:1::/48 ~all")
            .AddTxt("_spf.example.com", "v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/26 ip6:2001:db8:2::/48 ~all");
        var evaluator = new SpfEvaluator(new CachingResolver(zone, TimeProvider.System));
        var ip = IPAddress.Parse("203.0.113.130");
        var mailFrom = MailAddress.TryParse("letter@example.org", out var address, out _) ? address : null;
        var ours = Rate.Of(() =>
        {
            var pending = evaluator.CheckAsync(ip, mailFrom, "mta7.example.net", CancellationToken.None);
            var result = pending.IsCompleted ? pending.Result : pending.AsTask().GetAwaiter().GetResult(); // waits the first time only
            if (result.Status != SpfStatus.Pass)
                throw new InvalidOperationException("The client is allowed.");
        });
        table.Add("SPF, answers cached", ours, "libspf2", Peer.Spf2(table), 1);
        table.Add("SPF, answers cached", ours, "pyspf", Peer.Python(table, "pyspf_rate.py", "spf", Encoding.ASCII.GetBytes("-"), "-"), null);
    }
}
