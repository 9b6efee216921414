using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Intake;

/// <summary>The LMTP door over real sockets: who complained, about which message, and clients that stall, flood or lie.</summary>
public sealed class LmtpDoorTests
{
    private const string Vouched = "Received: from laptop (laptop [198.51.100.9]) by mx.provider.example with ESMTPSA; Fri, 2 Jan 2026 11:00:00 +0000\r\n"
        + "Authentication-Results: mx.provider.example; auth=pass smtp.auth=alice smtp.mailfrom=alice@provider.example\r\n";

    private static string Attached(byte[] message, string outer = Vouched) =>
        outer + "From: Alice <alice@provider.example>\r\nSubject: spam\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\n\r\nthis\r\n--outer\r\n"
        + "Content-Type: message/rfc822\r\n\r\n" + Encoding.Latin1.GetString(message) + "\r\n--outer--\r\n";

    private static async Task<(PostmasterApp App, SigningSender Sender)> StartAsync(params (string Key, string? Value)[] more)
    {
        PostmasterApp app = await PressKit.StartAsync(more);
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        return (app, sender);
    }

    [Fact]
    public async Task A_mail_with_the_message_attached_is_a_complaint_of_whom_the_border_knows()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await using var client = await LmtpClient.ConnectAsync(app);

        Assert.StartsWith("250 2.0.0", await client.DeliverAsync("spam@fbl.provider.example", Attached(sender.Newsletter("one"))), StringComparison.Ordinal);
        KeptComplaint kept = await OnlyAsync(app, KeptState.Counted);
        var (_, report) = await app.ReportToAsync("fbl@owner.example");

        Assert.Equal(IntakeDoor.Lmtp, kept.Door);
        Assert.Equal(Evidence.VerifiedNow, kept.Evidence);
        Assert.Null(report.SourceIp); // what a user attached says nothing for certain about its way
        Assert.DoesNotContain("alice", report.Original!.Headers.First("To")!.Unfolded, StringComparison.Ordinal);
        // The same complaint through another door is the same complaint.
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Duplicate);
    }

    [Theory]
    [InlineData("phishing", Press.Phishing)]
    [InlineData("Fraud", Press.Phishing)]
    [InlineData("virus", Press.Virus)]
    public async Task Each_button_has_an_address(string localPart, Press press)
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await using var client = await LmtpClient.ConnectAsync(app);

        Assert.StartsWith("250 2.0.0", await client.DeliverAsync($"{localPart}@fbl.provider.example", Attached(sender.Newsletter("one"))), StringComparison.Ordinal);

        Assert.Equal(press, (await OnlyAsync(app, KeptState.Counted)).Press);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Authentication-Results: mx.stranger.example; auth=pass smtp.auth=alice\r\n")]
    [InlineData("Authentication-Results: mx.provider.example; auth=fail smtp.auth=alice\r\n")]
    [InlineData("Received: from x by mx.stranger.example; Fri, 2 Jan 2026 11:00:00 +0000\r\nAuthentication-Results: mx.provider.example; auth=pass smtp.auth=alice\r\n")]
    public async Task What_the_border_does_not_vouch_for_is_kept_and_never_counted(string outer)
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await using var client = await LmtpClient.ConnectAsync(app);

        Assert.StartsWith("250", await client.DeliverAsync("spam@fbl.provider.example", Attached(sender.Newsletter("one"), outer)), StringComparison.Ordinal);

        Assert.NotNull((await OnlyAsync(app, KeptState.Unvouched)).Problem);
        Assert.Equal(0, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task Results_inside_the_attached_message_are_not_believed()
    {
        var (app, _) = await StartAsync();
        await using PostmasterApp disposing = app;
        await using var client = await LmtpClient.ConnectAsync(app);
        byte[] written = "Authentication-Results: mx.provider.example; dkim=pass header.d=owner.example\r\nFrom: a@owner.example\r\nMessage-ID: <w@x>\r\n\r\nx\r\n"u8.ToArray();

        await client.DeliverAsync("spam@fbl.provider.example", Attached(written));

        Assert.Equal(Evidence.VerifiedNow, (await OnlyAsync(app, KeptState.Unattributed)).Evidence);
    }

    [Fact]
    public async Task A_feedback_report_is_a_complaint_and_its_type_may_take_one_back()
    {
        var (app, sender) = await StartAsync(("Complaints:UndoWindow", "00:10:00"));
        await using PostmasterApp _ = app;
        await using var client = await LmtpClient.ConnectAsync(app);
        string Report(string type) => Vouched + "Content-Type: multipart/report; report-type=feedback-report; boundary=r\r\n\r\n--r\r\n\r\ntext\r\n--r\r\n"
            + $"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: {type}\r\nUser-Agent: x/1\r\nVersion: 1\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\n"
            + Encoding.Latin1.GetString(sender.Newsletter("one")) + "\r\n--r--\r\n";

        await client.DeliverAsync("spam@fbl.provider.example", Report("fraud"));
        await OnlyAsync(app, KeptState.Held);
        await client.DeliverAsync("spam@fbl.provider.example", Report("not-spam"));

        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return await db.KeptComplaints.CountAsync(k => k.State == KeptState.Cancelled) == 2;
        }, () => "not taken back");
    }

    [Fact]
    public async Task Each_attached_message_is_one_complaint_and_the_same_mail_again_adds_none()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await using var client = await LmtpClient.ConnectAsync(app);
        string two = Vouched + "Content-Type: multipart/mixed; boundary=o\r\n\r\n" + string.Concat(((string[])["one", "two"]).Select(name =>
            "--o\r\nContent-Type: message/rfc822\r\n\r\n" + Encoding.Latin1.GetString(sender.Newsletter(name)) + "\r\n")) + "--o--\r\n";

        await client.DeliverAsync("spam@fbl.provider.example", two);
        await client.DeliverAsync("spam@fbl.provider.example", two);
        await PressKit.EventuallyAsync(async () => await app.CountAsync("owner.example") == 2, () => "not both were counted");

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(2, await db.KeptComplaints.CountAsync());
    }

    [Theory]
    [InlineData("Content-Type: text/plain\r\n\r\nno attachment\r\n")]
    [InlineData("Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\n\r\nx\r\n--r--\r\n")]
    [InlineData("Content-Type: multipart/report; report-type=feedback-report; boundary=r\r\n\r\n--r\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--r\r\n"
        + "Content-Type: text/rfc822-headers\r\n\r\nFrom: a@b.example\r\n\r\n--r--\r\n")]
    public async Task A_mail_without_a_message_that_can_be_checked_is_kept_as_unreadable(string mail)
    {
        var (app, _) = await StartAsync();
        await using PostmasterApp disposing = app;
        await using var client = await LmtpClient.ConnectAsync(app);

        Assert.StartsWith("250", await client.DeliverAsync("spam@fbl.provider.example", Vouched + mail), StringComparison.Ordinal);

        Assert.NotNull((await OnlyAsync(app, KeptState.Unreadable)).Problem);
    }

    [Theory]
    [InlineData("not-spam@fbl.provider.example", "250")]
    [InlineData("NotSpam@FBL.provider.example", "250")]
    [InlineData("postmaster@fbl.provider.example", "550 5.1.1")]
    [InlineData("abuse@fbl.provider.example", "550 5.1.1")]
    [InlineData("spam@provider.example", "550 5.1.1")]
    public async Task Only_the_addresses_of_the_buttons_are_taken(string recipient, string reply)
    {
        var (app, _) = await StartAsync();
        await using PostmasterApp disposing = app;
        await using var client = await LmtpClient.ConnectAsync(app);
        await client.SayAsync("LHLO test");
        await client.SayAsync("MAIL FROM:<>");
        Assert.StartsWith(reply, await client.SayAsync($"RCPT TO:<{recipient}>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_that_stall_flood_or_come_in_crowds_are_sent_away_and_others_are_served()
    {
        var (app, sender) = await StartAsync(("Lmtp:IdleTimeout", "00:00:08"), ("Lmtp:MaxConnections", "3"), ("Lmtp:MaxMessageBytes", "65536"));
        await using PostmasterApp _ = app;
        await using var stalling = await LmtpClient.ConnectAsync(app);
        await using var flooding = await LmtpClient.ConnectAsync(app);
        await using var third = await LmtpClient.ConnectAsync(app);
        await using var crowd = await LmtpClient.ConnectAsync(app, greeting: "421");

        Assert.StartsWith("552", await flooding.DeliverAsync("spam@fbl.provider.example", Vouched + "\r\n" + new string('x', 100) + string.Concat(Enumerable.Repeat("\r\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", 4000)) + "\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("421", await stalling.HearAsync(), StringComparison.Ordinal);
        Assert.StartsWith("421", await third.HearAsync(), StringComparison.Ordinal);
        LmtpClient? free = null;
        await PressKit.EventuallyAsync(async () => (free = await LmtpClient.TryConnectAsync(app)) is not null, () => "no place became free");
        await using LmtpClient fresh = free!;
        Assert.StartsWith("250", await fresh.DeliverAsync("spam@fbl.provider.example", Attached(sender.Newsletter("one"))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:24", true)]
    [InlineData("[::1]:24", true)]
    [InlineData("/run/postmaster/lmtp", true)]
    [InlineData("unix:/run/postmaster/lmtp", true)]
    [InlineData("off", true)]
    [InlineData("::1:24", false)]
    [InlineData("unix:relative", false)]
    [InlineData("host.example:24", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("", false)]
    public void Places_to_listen_on(string text, bool good) => Assert.Equal(good, ListenAddress.TryParse(text, out _));

    [Fact]
    public async Task A_left_over_socket_file_is_replaced()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")[..12] + ".sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path));
        }

        if (!File.Exists(path))
            await File.WriteAllBytesAsync(path, []);
        await using (PostmasterApp app = await PressKit.StartAsync(("Lmtp:Listen", "unix:" + path)))
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        }

        Assert.False(File.Exists(path));
    }

    private static async Task<KeptComplaint> OnlyAsync(PostmasterApp app, KeptState state)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await app.InStateAsync((await db.KeptComplaints.SingleAsync()).Id, state);
    }

    private sealed class LmtpClient : IAsyncDisposable
    {
        private readonly TcpClient _tcp = new();
        private StreamReader _reader = default!;

        public static async Task<LmtpClient> ConnectAsync(PostmasterApp app, string greeting = "220")
        {
            var client = new LmtpClient();
            await client._tcp.ConnectAsync((IPEndPoint)app.Services.GetRequiredService<LmtpListener>().EndPoint!);
            client._reader = new StreamReader(client._tcp.GetStream(), Encoding.Latin1);
            Assert.StartsWith(greeting, await client.HearAsync(), StringComparison.Ordinal);
            return client;
        }

        /// <summary>Null when the door is full.</summary>
        public static async Task<LmtpClient?> TryConnectAsync(PostmasterApp app)
        {
            var client = new LmtpClient();
            await client._tcp.ConnectAsync((IPEndPoint)app.Services.GetRequiredService<LmtpListener>().EndPoint!);
            client._reader = new StreamReader(client._tcp.GetStream(), Encoding.Latin1);
            if ((await client.HearAsync()).StartsWith("220", StringComparison.Ordinal))
                return client;
            await client.DisposeAsync();
            return null;
        }

        public async Task<string> HearAsync()
        {
            string? line;
            do
                line = await _reader.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(90));
            while (line is { Length: > 3 } && line[3] == '-');
            return line ?? "closed";
        }

        public async Task<string> SayAsync(string line)
        {
            await _tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));
            return await HearAsync();
        }

        public async Task<string> DeliverAsync(string recipient, string mail)
        {
            await SayAsync("LHLO test");
            await SayAsync("MAIL FROM:<alice@provider.example>");
            await SayAsync($"RCPT TO:<{recipient}>");
            await SayAsync("DATA");
            return await SayAsync(mail.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + ".");
        }

        public ValueTask DisposeAsync()
        {
            _reader.Dispose();
            _tcp.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
