using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Smtp;

/// <summary>The session against another implementation of LMTP.</summary>
public sealed class LmtpOverTcpTests
{
    private const string Client = """
        import smtplib, sys
        lmtp = smtplib.LMTP('127.0.0.1', int(sys.argv[1]), 'client.test')
        lmtp.ehlo()
        lmtp.mail('a@example.org', ['BODY=8BITMIME'])
        for name in ('one', 'gone', 'two'):
            print(lmtp.rcpt(name + '@b.test')[0])
        print(lmtp.data(b'Subject: x\r\n\r\n.dot\r\n..\r\n.\r\nend \xe4'))
        print(lmtp.getreply())
        print(lmtp.sendmail('', ['one@b.test'], 'Subject: second\n\n'))
        print(lmtp.quit()[0])
        """;

    [NeedsFact("python3")]
    public async Task Pythons_client_delivers()
    {
        var handler = new RecordingLmtpHandler
        {
            OnRecipient = r => r.LocalPart is "gone" ? new SmtpReply(550, "5.1.1", "No such user") : new SmtpReply(250, "2.1.5", "OK"),
            OnDeliver = (e, _) => Task.FromResult<IReadOnlyList<SmtpReply>>([.. e.Recipients.Select(r => r.LocalPart is "two" ? new SmtpReply(452, "4.3.1", "Full") : new SmtpReply(250, "2.0.0", "Kept"))]),
        };
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var session = ServeOneAsync(listener, handler);
        var said = await RunAsync(((IPEndPoint)listener.LocalEndpoint).Port);
        listener.Stop();

        Assert.Equal("250 550 250 (250, b'2.0.0 Kept') (452, b'4.3.1 Full') {} 221", said.Trim().ReplaceLineEndings(" "));
        var result = await session;
        Assert.Equal((LmtpSessionEnd.Quit, 2), (result.End, result.MessagesAccepted));
        Assert.Equal("Subject: x\r\n\r\n.dot\r\n..\r\n.\r\nend \u00e4\r\n", handler.Delivered[0].Message);
        Assert.Null(handler.Delivered[1].Envelope.ReversePath);
    }

    private static async Task<LmtpSessionResult> ServeOneAsync(TcpListener listener, ILmtpHandler handler)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var pipe = new StreamPipe(PipeReader.Create(client.GetStream()), PipeWriter.Create(client.GetStream()));
        return await new LmtpSession(pipe, new LmtpSessionOptions { HostName = "mx.test" }, handler, TimeProvider.System).RunAsync(default);
    }

    private static async Task<string> RunAsync(int port)
    {
        var start = new ProcessStartInfo(RequiredPrograms.Find("python3") ?? "python3") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-c", Client, port.ToString(System.Globalization.CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(argument);
        using var python = Process.Start(start)!;
        var errors = python.StandardError.ReadToEndAsync();
        var said = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.Equal("", await errors);
        return said;
    }

    private sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
