using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Journeys;

/// <summary>
/// The built product on its first day: an empty data folder, a DNS server over the wire, a relay that takes every mail. What happens in it, people do.
/// </summary>
internal sealed class FreshPortal : IAsyncDisposable
{
    public const string Password = "four words that differ", Sender = "news.example", IngestToken = "token-of-the-webmail";
    private const string SetupWords = "Make the first operator account: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private readonly string _data = Directory.CreateTempSubdirectory("postmaster-fresh-").FullName;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly LoopbackDnsServer _dns;
    private readonly SigningSender _sender;
    private readonly int _lmtpPort = FreePorts.Next();
    private ServerProcess _server = default!;

    private FreshPortal()
    {
        _sender = new SigningSender(Zone, Sender);
        _dns = LoopbackDnsServer.Start(Zone);
    }

    public ZoneResolver Zone { get; } = new();

    /// <summary>As the pages name the server that answered.</summary>
    public string DnsName => _dns.Address;

    public ScriptedSmtpPeer Relay { get; } = ScriptedSmtpPeer.Accepting();

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePorts.Next()}");

    /// <summary>The link that the first start prints.</summary>
    public Uri SetupLink { get; private set; } = default!;

    public static async Task<FreshPortal> StartAsync()
    {
        var portal = new FreshPortal();
        portal._server = ServerProcess.Start(["serve", "--data", portal._data, "--urls", portal.Address.ToString()], portal.Settings());
        string line = await portal._server.WaitForLineAsync(SetupWords, Patience);
        portal.SetupLink = new Uri(line[(line.IndexOf(SetupWords, StringComparison.Ordinal) + SetupWords.Length)..]);
        return portal;
    }

    /// <summary>A signed mail of the sender to the mailbox user.</summary>
    public byte[] Newsletter(string id) =>
        _sender.Newsletter(id, RealPortal.MailboxUser, $"List-Id: Weekly offers <weekly.{Sender}>\r\nFeedback-ID: {id}:cust7:news:esp\r\n");

    /// <summary>The webmail's button.</summary>
    public async Task PressInWebmailAsync(byte[] mail)
    {
        using var http = new HttpClient { BaseAddress = Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/intake/complaints") { Content = new ByteArrayContent(mail) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", IngestToken);
        request.Headers.Add("X-Mailbox", RealPortal.MailboxUser);
        using HttpResponseMessage response = await http.SendAsync(request);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The mail program's button: the mail is forwarded to the provider, whose mail server hands it in over LMTP.</summary>
    public async Task PressInMailProgramAsync(byte[] mail) =>
        Assert.StartsWith("250", await LmtpSender.SendAsync(_lmtpPort, RealPortal.ComplaintMail(mail, vouched: true)), StringComparison.Ordinal);

    /// <summary>The next mail to an address that no call has returned yet; waits for it.</summary>
    public async Task<PortalMail> NextMailAsync(string to)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            foreach (ReceivedMessage message in Relay.Messages)
            {
                var mail = PortalMail.Read(message.Data);
                if (string.Equals(mail.To, to, StringComparison.OrdinalIgnoreCase) && _read.Add(mail.MessageId))
                    return mail;
            }

            Assert.False(patience.IsCancellationRequested, $"no mail to {to}; the server said:\n{string.Join('\n', _server.Lines.TakeLast(40))}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await Relay.DisposeAsync();
        await _dns.DisposeAsync();
        await TemporaryFolder.DeleteAsync(_data);
    }

    private ImmutableDictionary<string, string> Settings() => ImmutableDictionary<string, string>.Empty
        .Add("Provider:Name", "Example Mail")
        .Add("Provider:Domain", RealPortal.Domain)
        .Add("Provider:AuthservIds:0", RealPortal.AuthservId)
        .Add("Dns:Servers:0", _dns.Address)
        .Add("Relay:Kind", "smtp")
        .Add("Relay:Host", ScriptedSmtpPeer.Host)
        .Add("Relay:Port", Relay.Port.ToString(CultureInfo.InvariantCulture))
        .Add("Lmtp:Listen", $"127.0.0.1:{_lmtpPort}")
        .Add("Ingest:Token", IngestToken)
        .Add("Complaints:UndoWindow", "00:00:00");
}
