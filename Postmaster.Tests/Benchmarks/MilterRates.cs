using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;

namespace Postmaster.Benchmarks;

/// <summary>
/// What the milter adds to a mail: from the first octet that the mail server sends it to the only reply that the server waits for. The product runs as a
/// process, with its database and DNS over the wire; beside it stands a listener that reads the same octets and answers. By the clock.
/// </summary>
internal static class MilterRates
{
    private const int MessageKilobytes = 40, Messages = 3000, Sessions = 200, MessagesEach = 10;
    private const int TcpLevel = 6, QuickAcknowledgement = 12; // linux/tcp.h
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static void Measure(Table table) => MeasureAsync(table).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Table table)
    {
        using var key = DkimPrivateKey.CreateRsa(2048);
        var mail = new DkimSigner(DomainName.Parse("example.org"), "s1", key).Sign(Mails.OfSize(MessageKilobytes * 1024), TimeProvider.System.GetUtcNow());
        // One write each, as Postfix does, which waits for no reply between them.
        byte[][] transaction =
        [
            MilterWire.Mail("<letter@example.org>"), MilterWire.Refused("<gone@example.com>"), MilterWire.Recipient("<reader@example.com>"), MilterWire.Macros('T', "i", "4XyZ1b"),
            MilterWire.Content(mail),
        ];
        var zone = new ZoneResolver().AddTxt("s1._domainkey.example.org", key.PublicKeyRecord).AddTxt("example.org", "v=spf1 ip4:192.0.2.17 -all");
        OneCore.Release();
        var dns = LoopbackDnsServer.Start(zone);
        var data = Directory.CreateTempSubdirectory("postmaster-milter-");
        var endPoint = FreeEndPoint();
        using var product = Start(data.FullName, dns.Address, endPoint);
        try
        {
            await WaitAsync(endPoint);
            await OneAfterAnotherAsync(table, endPoint, transaction);
            await TogetherAsync(table, endPoint, transaction);
        }
        finally
        {
            product.Kill();
            product.WaitForExit();
            await dns.DisposeAsync();
            data.Delete(recursive: true);
            OneCore.Keep();
        }
    }

    private static async Task OneAfterAnotherAsync(Table table, EndPoint endPoint, byte[][] transaction)
    {
        using var peer = await MilterPeer.OpenAsync(endPoint);
        await LatenciesAsync(peer, transaction, Messages / 3); // the compiler's share
        var ours = await LatenciesAsync(peer, transaction, Messages);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var bare = AnswerAsync(listener, transaction.Sum(write => write.Length));
        using var other = await MilterPeer.OpenAsync(listener.LocalEndpoint);
        var theirs = await LatenciesAsync(other, transaction, Messages);
        var what = string.Create(CultureInfo.InvariantCulture, $"milter, {MessageKilobytes} KB, one after another");
        table.Add(what, new Rate(1 / ours[ours.Length / 2].TotalSeconds, double.NaN), "reading the octets", 1 / theirs[theirs.Length / 2].TotalSeconds, null);
        table.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"The milter adds a median of {Median(ours):0.000} ms to a message of {MessageKilobytes} KB (99 of 100: {ours[ours.Length * 99 / 100].TotalMilliseconds:0.000} ms), {Median(ours) - Median(theirs):0.000} ms of it beyond a listener that only reads the octets; asked is less than 1 ms. The rates above are the inverse of the medians."));
    }

    private static async Task TogetherAsync(Table table, EndPoint endPoint, byte[][] transaction)
    {
        var peers = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => MilterPeer.OpenAsync(endPoint)));
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(peers.Select(peer => LatenciesAsync(peer, transaction, MessagesEach)));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var sorted = latencies.SelectMany(l => l).Order().ToArray();
        table.Add(string.Create(CultureInfo.InvariantCulture, $"milter, {MessageKilobytes} KB, {Sessions} sessions at once"), new Rate(sorted.Length / elapsed.TotalSeconds, double.NaN));
        table.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{Sessions} sessions that all send at once were answered {sorted.Length} of {Sessions * MessagesEach} times; one waits a median of {Median(sorted):0.0} ms for the processor while the others are served and their mails are looked at."));
        foreach (var peer in peers)
            peer.Dispose();
    }

    /// <summary>Sorted.</summary>
    private static async Task<TimeSpan[]> LatenciesAsync(MilterPeer peer, byte[][] transaction, int count)
    {
        var latencies = new TimeSpan[count];
        for (var i = 0; i < count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var write in transaction)
                await peer.SendAsync(write);
            if (await peer.ReplyAsync() != 'c')
                throw new InvalidOperationException("The milter did not say continue.");
            latencies[i] = Stopwatch.GetElapsedTime(started);
        }

        Array.Sort(latencies);
        return latencies;
    }

    private static double Median(TimeSpan[] sorted) => sorted[sorted.Length / 2].TotalMilliseconds;

    /// <summary>A filter that knows nothing but how long a message is.</summary>
    private static async Task AnswerAsync(TcpListener listener, int length)
    {
        using var client = await listener.AcceptTcpClientAsync();
        client.NoDelay = true;
        var stream = client.GetStream();
        var buffer = new byte[length];
        await stream.ReadExactlyAsync(buffer.AsMemory(0, MilterWire.Negotiate().Length));
        await stream.WriteAsync(MilterWire.Negotiate());
        await stream.ReadExactlyAsync(buffer.AsMemory(0, MilterWire.Connect().Length + MilterWire.Macros('H').Length + MilterWire.Helo().Length));
        while (true)
        {
            for (var read = 0; read < length;)
            {
                if (OperatingSystem.IsLinux())
                    client.Client.SetRawSocketOption(TcpLevel, QuickAcknowledgement, [1, 0, 0, 0]); // or each message would wait 40 ms
                var more = await stream.ReadAsync(buffer.AsMemory(0, length - read));
                if (more == 0)
                    return;
                read += more;
            }

            await stream.WriteAsync(MilterWire.Packet('c'));
        }
    }

    private static Process Start(string data, string dns, EndPoint endPoint)
    {
        var start = new ProcessStartInfo(ProcessRates.Program, ["serve", "--data", data, "--urls", "http://127.0.0.1:0"]) { UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["Postmaster__Provider__Name"] = "Example Mail";
        start.Environment["Postmaster__Provider__Domain"] = "fbl.provider.example";
        start.Environment["Postmaster__Dns__Servers__0"] = dns;
        start.Environment["Postmaster__Relay__Kind"] = "directory";
        start.Environment["Postmaster__Lmtp__Listen"] = "off";
        start.Environment["Postmaster__Milter__Listen"] = endPoint.ToString();
        var product = Process.Start(start)!;
        product.OutputDataReceived += (_, _) => { };
        product.BeginOutputReadLine();
        return product;
    }

    private static async Task WaitAsync(EndPoint endPoint)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var peer = await MilterPeer.OpenAsync(endPoint);
                return;
            }
            catch (SocketException) when (waited.Elapsed < Patience)
            {
                await Task.Delay(100);
            }
        }
    }

    private static IPEndPoint FreeEndPoint()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
