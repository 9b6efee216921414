using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Postmaster.Tests.Support;

/// <summary>A mail program at an IMAP server: says a command, waits for its end (RFC 9051 §2.2).</summary>
internal sealed class ImapSession : IDisposable
{
    private readonly TcpClient _connection;
    private readonly StreamReader _reader;
    private int _tag;

    private ImapSession(TcpClient connection) => (_connection, _reader) = (connection, new StreamReader(connection.GetStream(), Encoding.Latin1));

    public static async Task<ImapSession> OpenAsync(int port, string user)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", port);
        var session = new ImapSession(connection);
        await session._reader.ReadLineAsync();
        await session.SayAsync($"LOGIN {user} any");
        return session;
    }

    /// <summary>The untagged lines of the answer; anything but OK fails.</summary>
    public async Task<IReadOnlyList<string>> SayAsync(string command)
    {
        string tag = "t" + (++_tag).ToString(CultureInfo.InvariantCulture);
        await WriteAsync($"{tag} {command}\r\n");
        return await EndAsync(tag, command);
    }

    /// <summary>Uploads a message, as a client without MOVE does between its own folders.</summary>
    public async Task AppendAsync(string mailbox, string flags, byte[] message)
    {
        string tag = "t" + (++_tag).ToString(CultureInfo.InvariantCulture);
        await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{tag} APPEND {mailbox} ({flags}) {{{message.Length}}}\r\n"));
        Assert.StartsWith("+", await _reader.ReadLineAsync(), StringComparison.Ordinal);
        await WriteAsync(Encoding.Latin1.GetString(message) + "\r\n");
        await EndAsync(tag, "APPEND");
    }

    /// <summary>The number in the selected mailbox of the mail with this Message-ID.</summary>
    public async Task<string> FindAsync(string messageId) =>
        (await SayAsync($"SEARCH HEADER Message-ID {messageId}")).Single(l => l.StartsWith("* SEARCH ", StringComparison.Ordinal))["* SEARCH ".Length..].Trim();

    public void Dispose()
    {
        _reader.Dispose();
        _connection.Dispose();
    }

    private Task WriteAsync(string text) => _connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();

    private async Task<IReadOnlyList<string>> EndAsync(string tag, string command)
    {
        List<string> lines = [];
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith(tag + " ", StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }

            Assert.True(line.StartsWith(tag + " OK", StringComparison.Ordinal), $"{command}: {line}");
            return lines;
        }

        throw new IOException("The IMAP server has closed.");
    }
}
