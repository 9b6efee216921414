using System.Net.Sockets;
using System.Text;

namespace Postmaster.Tests.Journeys;

/// <summary>A client of the outside: Postfix lets the test speak for another address by XCLIENT.</summary>
internal sealed class OutsideClient : IDisposable
{
    public const string Address = "192.0.2.17", Name = "mta7.example.net";
    private readonly TcpClient _connection;
    private readonly StreamReader _reader;

    private OutsideClient(TcpClient connection) => (_connection, _reader) = (connection, new StreamReader(connection.GetStream(), Encoding.ASCII));

    public static async Task<OutsideClient> OpenAsync(int port)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", port);
        var client = new OutsideClient(connection);
        await client.ReplyAsync();
        await client.SayAsync("EHLO localhost");
        Assert.StartsWith("220", await client.SayAsync($"XCLIENT ADDR={Address} NAME={Name}"), StringComparison.Ordinal);
        await client.SayAsync($"EHLO {Name}");
        return client;
    }

    /// <summary>The codes of the replies to RCPT and, with a message, to DATA and its end.</summary>
    public static async Task<IReadOnlyList<string>> SendAsync(int port, string from, byte[]? message, params string[] recipients)
    {
        using OutsideClient smtp = await OpenAsync(port);
        List<string> codes = [];
        Assert.StartsWith("250", await smtp.SayAsync($"MAIL FROM:<{from}>"), StringComparison.Ordinal);
        foreach (string recipient in recipients)
            codes.Add((await smtp.SayAsync($"RCPT TO:<{recipient}>"))[..3]);
        if (message is not null)
        {
            codes.Add((await smtp.SayAsync("DATA"))[..3]);
            codes.Add((await smtp.SayAsync(Encoding.ASCII.GetString(message) + "."))[..3]);
        }

        await smtp.SayAsync("QUIT");
        return codes;
    }

    public async Task<string> SayAsync(string line)
    {
        await _connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        return await ReplyAsync();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _connection.Dispose();
    }

    private async Task<string> ReplyAsync()
    {
        string line;
        do
            line = await _reader.ReadLineAsync() ?? throw new IOException("Postfix has closed.");
        while (line.Length > 3 && line[3] == '-');
        return line;
    }
}
