using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Data.Sqlite;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>
/// Complaints from LMTP to the relay's 250: the product is a process of its own with SQLite, without undo window; each mail has 4 KB, is signed by one of
/// <see cref="Domains"/> claimed domains, was complained about by a mailbox of its own, and leads to one signed report with the whole message. By the clock,
/// with the load generator, the relay and the DNS server on the same cores, when the program has been at it for some seconds. Beside it what the signatures
/// and the disk alone allow.
/// </summary>
internal static class ComplaintRates
{
    private const int Domains = 50, Complaints = 3000, WarmUp = 3000, Connections = 8, Rounds = 5;
    private const double Asked = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    public static void Measure(Table table) => MeasureAsync(table).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Table table)
    {
        using var key = DkimPrivateKey.CreateRsa(2048);
        var zone = new ZoneResolver();
        for (var i = 0; i < Domains; i++)
            zone.AddTxt($"s1._domainkey.{DomainOf(i)}", key.PublicKeyRecord);
        var signatures = Signatures(key, zone);
        OneCore.Release();
        var mails = await Task.Run(() => Enumerable.Range(0, WarmUp + (Rounds * Complaints)).AsParallel().AsOrdered().Select(n => Mail(key, n)).ToArray());
        await using var dns = LoopbackDnsServer.Start(zone);
        using var sink = new MailSink();
        var door = Product.FreePort();
        await using var product = await Product.StartAsync(database: null, joinDays: 30, Settings(door, sink.Port, dns.Address), Claim);
        await SendAsync(mails.AsMemory(0, WarmUp), door, sink);
        var rounds = new List<Round>();
        for (var round = 0; round < Rounds; round++)
        {
            var (product0, harness0, started) = (product.ProcessorTime, HarnessTime(), Stopwatch.GetTimestamp());
            await SendAsync(mails.AsMemory(WarmUp + (round * Complaints), Complaints), door, sink);
            rounds.Add(new Round(Stopwatch.GetElapsedTime(started), product.ProcessorTime - product0, HarnessTime() - harness0));
            Console.Error.WriteLine($"complaints, round {round}: {rounds[^1]}");
        }

        rounds.Sort((a, b) => a.PerSecond.CompareTo(b.PerSecond));
        var median = rounds[Rounds / 2];
        var commits = Commits();
        OneCore.Keep();
        table.Add("complaints from LMTP to the relay's 250, SQLite", new Rate(median.PerSecond, double.NaN), "asked", Asked, 1);
        table.Add("complaints from LMTP to the relay's 250, SQLite", new Rate(median.PerSecond, double.NaN), "verify and sign alone, two cores", 2 * signatures, null);
        table.Note(FormattableString.Invariant(
            $"complaints: {rounds[0].PerSecond:N0} to {rounds[^1].PerSecond:N0}/s in {Rounds} rounds of {Complaints:N0}, the median {median}; {sink.Taken:N0} mails taken, {sink.Different:N0} different ones of {mails.Length:N0}. One core verifies and signs {signatures:N0}/s; SQLite commits {commits:N0} rows of 4 KB a second on this disk, one each."));
    }

    private static TimeSpan HarnessTime()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static IEnumerable<(string Key, string Value)> Settings(int door, int relay, string dns) =>
    [
        ("Lmtp:Listen", $"127.0.0.1:{door}"), ("Relay:Kind", "smtp"), ("Relay:Host", "127.0.0.1"), ("Relay:Port", $"{relay}"), ("Relay:Tls", "None"), ("Relay:Connections", "8"),
        ("Dns:Servers:0", dns), ("Complaints:UndoWindow", "00:00:00"), ("Provider:MailDomain", "provider.example"),
        ("Provider:AuthservIds:0", "mx.provider.example"), ("Provider:BorderHosts:0", "mx.provider.example"),
        ("Provider:BorderStripsAuthenticationResults", "true"),
        ("Reports:MaxPerMinute", "10000000"), ("Reports:MaxPerAddressPerDay", "10000000"), ("Reports:MaxPerAddressPerMinute", "10000000"),
    ];

    private static void Claim(Web.Data.PostmasterDb db, PortalUser owner, DateTimeOffset now)
    {
        for (var i = 0; i < Domains; i++)
        {
            var claim = Product.Proved(owner, DomainOf(i), now);
            var address = $"fbl@{DomainOf(i)}";
            db.Claims.Add(claim);
            db.FeedbackAddresses.Add(new FeedbackAddress { ClaimId = claim.Id, Address = address, RateKey = address, RequestedBy = owner.Id, RequestedAt = now, ConfirmedAt = now });
        }
    }

    private static string DomainOf(int number) => $"sender{number}.example";

    /// <summary>As the border hands it over: the message is attached, and who complained has signed in.</summary>
    private static byte[] Mail(DkimPrivateKey key, int number)
    {
        var signed = Signed(key, number);
        return
        [
            .. Encoding.Latin1.GetBytes(
                "Received: from laptop (laptop [198.51.100.9]) by mx.provider.example with ESMTPSA; Fri, 2 Jan 2026 11:00:00 +0000\r\n"
                + $"Authentication-Results: mx.provider.example; auth=pass smtp.auth=user{number} smtp.mailfrom=user{number}@provider.example\r\n"
                + $"From: user{number}@provider.example\r\nSubject: spam\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: message/rfc822\r\n\r\n"),
            .. signed, .. "\r\n--outer--\r\n"u8,
        ];
    }

    private static byte[] Signed(DkimPrivateKey key, int number)
    {
        var domain = DomainOf(number % Domains);
        var body = new StringBuilder();
        while (body.Length < 3400)
            body.Append("Dear reader, this line is one of many that make a letter of an ordinary size.\r\n");
        return new DkimSigner(DomainName.Parse(domain), "s1", key).Sign(
            Encoding.Latin1.GetBytes($"From: News <news@{domain}>\r\nTo: user{number}@provider.example\r\nSubject: Offer {number}\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\nMessage-ID: <{number}@{domain}>\r\nList-Id: <news.{domain}>\r\n\r\n{body}"),
            new DateTimeOffset(2026, 1, 2, 10, 0, 0, TimeSpan.Zero));
    }

    /// <summary>A signature verified and one made, so often a second on one core.</summary>
    private static double Signatures(DkimPrivateKey key, ZoneResolver zone)
    {
        var verifier = new DkimVerifier(zone);
        var mail = Signed(key, 0);
        var signer = new DkimSigner(DomainName.Parse("fbl.provider.example"), "fbl", key);
        return Rate.Of(() =>
        {
            verifier.VerifyAsync(MessageReader.Read(mail), MailCorpus.Now, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            signer.Sign(mail, MailCorpus.Now);
        }).PerSecond;
    }

    private static double Commits()
    {
        var folder = Directory.CreateTempSubdirectory("postmaster-commits-");
        try
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "x.db")};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE T (Id INTEGER PRIMARY KEY, Octets BLOB)";
            command.ExecuteNonQuery();
            command.CommandText = "INSERT INTO T (Octets) VALUES (zeroblob(4096))";
            var (count, started) = (0, Stopwatch.GetTimestamp());
            while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2))
            {
                command.ExecuteNonQuery();
                count++;
            }

            return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Returns when the relay has taken a report of each.</summary>
    private static async Task SendAsync(ReadOnlyMemory<byte[]> mails, int door, MailSink sink)
    {
        var (wanted, next, started) = (sink.Different + mails.Length, -1, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            using var client = new TcpClient { NoDelay = true };
            await client.ConnectAsync(IPAddress.Loopback, door);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await HearAsync(reader);
            await SayAsync(stream, reader, "LHLO load\r\n"u8.ToArray());
            for (int i; (i = Interlocked.Increment(ref next)) < mails.Length;)
            {
                // As mail servers do where PIPELINING is offered.
                await SayAsync(stream, reader, "MAIL FROM:<a@provider.example>\r\nRCPT TO:<spam@fbl.provider.example>\r\nDATA\r\n"u8.ToArray());
                await HearAsync(reader);
                await HearAsync(reader);
                await SayAsync(stream, reader, [.. mails.Span[i], .. ".\r\n"u8]);
            }
        })));
        while (sink.Different < wanted)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"The relay has {sink.Different} mails of {wanted}.");
            await Task.Delay(5);
        }
    }

    private static async Task SayAsync(NetworkStream stream, StreamReader reader, byte[] octets)
    {
        await stream.WriteAsync(octets);
        await HearAsync(reader);
    }

    private static async Task HearAsync(StreamReader reader)
    {
        string? line;
        do
            line = await reader.ReadLineAsync();
        while (line is { Length: > 3 } && line[3] == '-');
        if (line is null || line[0] is not ('2' or '3'))
            throw new InvalidOperationException($"The door said: {line ?? "nothing"}");
    }

    /// <param name="Product">Processor time.</param>
    /// <param name="Harness">The same of the load generator, the relay and the DNS server.</param>
    private sealed record Round(TimeSpan Clock, TimeSpan Product, TimeSpan Harness)
    {
        public double PerSecond => Complaints / Clock.TotalSeconds;

        public override string ToString() => FormattableString.Invariant(
            $"{PerSecond:N0}/s by the clock; of each {2 * Clock.TotalMilliseconds / Complaints:0.00} ms of two cores the product used {Product.TotalMilliseconds / Complaints:0.00} and the load generator {Harness.TotalMilliseconds / Complaints:0.00}");
    }
}
