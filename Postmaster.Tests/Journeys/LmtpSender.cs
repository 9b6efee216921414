using System.Net.Sockets;
using System.Text;

namespace Postmaster.Tests.Journeys;

/// <summary>Hands a mail in over LMTP as a mail server does, and says what came back.</summary>
internal static class LmtpSender
{
    /// <summary>The final reply for the mail; null when the connection ended before it, so that a mail server would try again.</summary>
    public static async Task<string?> SendAsync(int port, byte[] mail, Func<Task>? beforeFinalDot = null)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            await using NetworkStream stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            await ReplyAsync(reader);
            foreach (string command in (string[])
                [
                    "LHLO mx.provider.example", $"MAIL FROM:<{RealPortal.MailboxUser}>", $"RCPT TO:<spam@{RealPortal.Domain}>", "DATA",
                ])
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
                string? reply = await ReplyAsync(reader);
                if (reply is null || reply[0] is not ('2' or '3'))
                    return reply;
            }

            await stream.WriteAsync(mail);
            if (beforeFinalDot is not null)
                await beforeFinalDot();
            await stream.WriteAsync("\r\n.\r\n"u8.ToArray());
            return await ReplyAsync(reader);
        }
        catch (Exception lost) when (lost is IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>The last line of a reply of one or more lines.</summary>
    private static async Task<string?> ReplyAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.Length < 4 || line[3] != '-')
                return line;
        }

        return null;
    }
}
