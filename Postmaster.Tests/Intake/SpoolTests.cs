using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Intake;

/// <summary>The spool and the button's program: a complaint is at the server, on the disk, or refused for a reason; never lost.</summary>
public sealed class SpoolTests
{
    private static readonly byte[] Mail = "From: a@b.example\r\nMessage-ID: <1@b.example>\r\n\r\nx\r\n"u8.ToArray();

    private static SpoolEntry Entry(Press press = Press.Spam) => SpoolEntry.Create(PressKit.Mailbox, press, new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero));

    [Fact]
    public async Task A_spooled_complaint_is_taken_up_counted_and_its_file_goes()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example");
        SpoolEntry entry = Entry();

        using var message = new MemoryStream(sender.Newsletter("one"));
        string path = await SpoolWriter.WriteAsync(Path.Combine(app.DataPath, "spool"), entry, message, CancellationToken.None);

        KeptComplaint kept = await app.InStateAsync(ComplaintId.FromKey(entry.Id), KeptState.Counted);
        await PressKit.EventuallyAsync(() => Task.FromResult(!File.Exists(path)), () => "the file is still there");
        Assert.Equal(IntakeDoor.Spool, kept.Door);
        Assert.Equal(entry.PressedAt, kept.PressedAt);
    }

    [Fact]
    public async Task A_crash_between_keeping_and_deleting_doubles_nothing()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        SpoolEntry entry = Entry();
        for (int i = 0; i < 2; i++)
        {
            using var message = new MemoryStream(Mail);
            string path = await SpoolWriter.WriteAsync(Path.Combine(app.DataPath, "spool"), entry, message, CancellationToken.None);
            await PressKit.EventuallyAsync(() => Task.FromResult(!File.Exists(path)), () => "the file is still there");
        }

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.KeptComplaints.CountAsync());
    }

    [Fact]
    public async Task Broken_files_are_moved_aside_and_half_written_ones_are_left_alone()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        string spool = Path.Combine(app.DataPath, "spool");
        await File.WriteAllTextAsync(Path.Combine(spool, ".tmp-half"), "{");
        await File.WriteAllTextAsync(Path.Combine(spool, "a.complaint"), "not json\nmail");
        await File.WriteAllTextAsync(Path.Combine(spool, "b.complaint"), "{\"id\":\"x\",\"mailbox\":\"nobody\",\"press\":\"Spam\",\"pressed_at\":\"2026-01-01T00:00:00Z\"}\nmail");
        await File.WriteAllTextAsync(Path.Combine(spool, "c.complaint"), "");

        string broken = Path.Combine(spool, "broken");
        await PressKit.EventuallyAsync(() => Task.FromResult(Directory.Exists(broken) && Directory.GetFiles(broken).Length == 3), () => "not all were moved");
        Assert.Equal([".tmp-half"], Directory.GetFiles(spool).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_cannot_be_read_keeps_nothing_else_waiting()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        string spool = Path.Combine(app.DataPath, "spool");
        File.CreateSymbolicLink(Path.Combine(spool, "0.complaint"), Path.Combine(spool, "nowhere"));
        SpoolEntry entry = Entry();
        using var message = new MemoryStream(Mail);
        await SpoolWriter.WriteAsync(spool, entry, message, CancellationToken.None);

        await app.InStateAsync(ComplaintId.FromKey(entry.Id), KeptState.Unattributed);
        Assert.Equal(["0.complaint"], Directory.GetFiles(spool).Select(Path.GetFileName));
    }

    [Fact]
    public async Task The_program_hands_over_to_the_server_and_spools_when_it_is_away_or_does_not_know_it()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        string spool = Directory.CreateTempSubdirectory("spool-").FullName;
        using var http = new HttpClient();
        SubmitOutcome kept = await Client(app.Address.ToString(), PressKit.Token).SubmitAsync(Entry(), Mail, CancellationToken.None);
        SubmitOutcome unknown = await Client(app.Address.ToString(), "wrong").SubmitAsync(Entry(), Mail, CancellationToken.None);
        SubmitOutcome away = await Client("http://127.0.0.1:1", PressKit.Token).SubmitAsync(Entry(Press.NotSpam), Mail, CancellationToken.None);
        SubmitOutcome refused = await Client(app.Address.ToString(), PressKit.Token).SubmitAsync(Entry() with { Mailbox = "nobody" }, Mail, CancellationToken.None);

        Assert.IsType<SubmitOutcome.Kept>(kept);
        Assert.IsType<SubmitOutcome.Refused>(refused);
        string[] spooled = [Assert.IsType<SubmitOutcome.Spooled>(unknown).Path, Assert.IsType<SubmitOutcome.Spooled>(away).Path];
        KeepRequest read = SpoolReader.Read(await File.ReadAllBytesAsync(spooled[1]), out string? problem)!;
        Assert.Null(problem);
        Assert.Equal(Press.NotSpam, read.Press);
        Assert.Equal(Mail, read.Raw.ToArray());
        Directory.Delete(spool, recursive: true);

        ComplaintClient Client(string url, string token) => new(
            http, Options.Create(new IngestOptions { Url = url, Token = token }), Options.Create(new IntakeOptions()), spool);
    }
}
