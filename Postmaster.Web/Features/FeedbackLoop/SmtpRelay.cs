using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>Hands mails to the provider's mail server; a client, with the connection that it keeps, serves one mail at a time.</summary>
internal sealed class SmtpRelay(IOptions<RelayOptions> options, IOptions<ProviderOptions> provider, TimeProvider time) : IMailRelay, IAsyncDisposable
{
    private readonly ConcurrentBag<SmtpClient> _idle = [];

    public async Task<RelayAnswer> SendAsync(RelayMail mail, CancellationToken ct)
    {
        SmtpClient client = _idle.TryTake(out SmtpClient? kept) ? kept : NewClient();
        try
        {
            var message = new SmtpMessage(mail.Sender, mail.Recipients, mail.Content, mail.SevenBitContent);
            RelayAnswer[] each = [.. (await client.SendAsync(message, ct)).Recipients.Select(r => new RelayAnswer(r.Outcome, r.Reply?.ToString() ?? r.Reason))];
            return each.Length == 1 ? each[0] : each[0] with { Each = each };
        }
        finally
        {
            _idle.Add(client);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out SmtpClient? client))
            await client.DisposeAsync();
    }

    private SmtpClient NewClient()
    {
        RelayOptions relay = options.Value;
        var connector = new SmtpTcpConnector(relay.Host, relay.Port, time);
        return new SmtpClient(connector.ConnectAsync, new SmtpClientOptions
        {
            HelloName = relay.HelloName.Length > 0 ? relay.HelloName : provider.Value.Domain,
            Tls = relay.Tls,
            TlsHost = relay.Host,
            Credentials = relay.User.Length > 0 ? new SmtpCredentials(relay.User, relay.Password) : null,
        }, time);
    }
}
