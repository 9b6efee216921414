using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Intake;

namespace Postmaster.Tests.Bounces;

/// <summary>Hands a bounce to the LMTP door as the provider's mail server does.</summary>
internal static class LmtpTalk
{
    /// <summary>The reply to RCPT when it is no yes, else the reply to the mail.</summary>
    public static async Task<string> DeliverAsync(this PostmasterApp app, string recipient, string mail, string reversePath = "")
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync((IPEndPoint)app.Services.GetRequiredService<LmtpListener>().EndPoint!);
        await using NetworkStream stream = tcp.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        await ReplyAsync(reader);
        string reply = "";
        foreach (string line in (string[])["LHLO mx.provider.example", $"MAIL FROM:<{reversePath}>", $"RCPT TO:<{recipient}>", "DATA", mail.Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + "\r\n."])
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));
            reply = await ReplyAsync(reader);
            if (reply[0] is not ('2' or '3'))
                return reply;
        }

        return reply;
    }

    private static async Task<string> ReplyAsync(StreamReader reader)
    {
        string? line;
        do
            line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90));
        while (line is { Length: > 3 } && line[3] == '-');
        return line ?? "0 closed";
    }
}
