using System.Globalization;
using Postmaster.Tests.Cli;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic.Dovecot;

/// <summary><c>postmaster ingest --format dovecot</c>: a log is read, and what people did finds the deliveries.</summary>
public sealed class DovecotIngestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postmaster-dovecot-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Reading_and_deleting_are_counted_once_however_often_the_log_is_read()
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Provider:MailDomain", "p.example"));
        await app.ClaimAsync("owner.example");
        string longId = new string('a', 100) + "@owner.example";
        await app.IngestAsync(string.Join('\n', ((string[])["m1@owner.example", "m2@owner.example", "m3@owner.example", longId])
            .Select(id => app.Delivered("owner.example", $",\"rcpt\":\"user@p.example\",\"message_id\":\"<{id}>\",\"folder\":\"inbox\""))));
        string cut = "<" + longId[..76] + "...";
        string log = Path.Combine(_folder, "info.log");
        await File.WriteAllLinesAsync(log,
        [
            Line(app, 0, @"flag_change: box=INBOX, uid=1, msgid=<m1@owner.example>, size=9, flags=(\Seen)"),
            Line(app, 5, "copy from INBOX: box=Trash, uid=1, msgid=<m2@owner.example>, size=9, flags=()"),
            Line(app, 5, "expunge: box=INBOX, uid=2, msgid=<m2@owner.example>, size=9, flags=()"),
            Line(app, 9, $@"delete: box=INBOX, uid=4, msgid={cut}, size=9, flags=(\Deleted \Seen)"),
            Line(app, 12, "expunge: box=INBOX, uid=9, msgid=<unknown@elsewhere.example>, size=9, flags=()"),
        ]);
        Verbs first = await RunAsync(app, log), second = await RunAsync(app, log);

        Assert.Equal((0, "", 5, 4, 1), (first.Exit, first.Error, first.Json.GetProperty("lines").GetInt32(), first.Json.GetProperty("events").GetInt32(), first.Json.GetProperty("unjoined").GetInt32()));
        Assert.Equal(0, second.Exit);
        TrafficCounts whole = (await app.CountsAsync("owner.example"))[(StreamKind.Whole, "")];
        Assert.Equal((4, 1, 1, 1), (whole[TrafficCounter.DeliveredInbox], whole[TrafficCounter.Read], whole[TrafficCounter.DeletedUnread], whole[TrafficCounter.DeletedRead]));
    }

    [Fact]
    public async Task A_wrong_token_is_said_and_nothing_counts()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string log = Path.Combine(_folder, "info.log");
        await File.WriteAllLinesAsync(log, [Line(app, 0, @"flag_change: box=INBOX, uid=1, msgid=<m1@owner.example>, size=9, flags=(\Seen)")]);
        Verbs said = await RunAsync(app, log, "wrong");
        Assert.Equal(1, said.Exit);
        Assert.Contains("401", said.Error, StringComparison.Ordinal);
    }

    private static string Line(PostmasterApp app, int seconds, string what) =>
        $"{(app.Time.GetUtcNow() - TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(seconds)).ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture)} mx dovecot[8]: imap(user)<1><s>: {what}";

    private async Task<Verbs> RunAsync(PostmasterApp app, string log, string token = EventKit.Token)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "appsettings.json"),
            $$"""{"Ingest":{"Url":"{{app.Listened}}","Token":"{{token}}"},"Provider":{"MailDomain":"p.example"} }""");
        return await Verbs.RunAsync("ingest", "--format", "dovecot", "--json", "--data", _folder, log);
    }
}
