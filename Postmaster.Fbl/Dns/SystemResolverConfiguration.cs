using System.Net;
using System.Net.NetworkInformation;

namespace Postmaster.Fbl.Dns;

/// <summary>The DNS servers that the system's own programs use.</summary>
public static class SystemResolverConfiguration
{
    private const string ResolvConf = "/etc/resolv.conf";

    /// <summary>As the system's resolver does it: more are ignored (resolv.conf(5), MAXNS).</summary>
    private const int MaxServers = 3;

    /// <summary>
    /// From <c>/etc/resolv.conf</c>, elsewhere from the network interfaces; the own host when neither names one.
    /// </summary>
    public static IReadOnlyList<IPEndPoint> Servers()
    {
        var servers = ReadFile();
        if (servers.Count == 0)
            servers = FromInterfaces();
        return servers.Count == 0 ? [new IPEndPoint(IPAddress.Loopback, DnsServerAddress.DefaultPort)] : servers;
    }

    /// <summary>The <c>nameserver</c> lines of a resolv.conf, the first three that are addresses.</summary>
    public static IReadOnlyList<IPEndPoint> ReadResolvConf(string text)
    {
        var servers = new List<IPEndPoint>();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            // resolv.conf(5): the keyword starts the line; "#" and ";" start a comment in the first column.
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && line.StartsWith("nameserver", StringComparison.Ordinal) && words[0].Length == "nameserver".Length
                && servers.Count < MaxServers && DnsServerAddress.TryParse(words[1], out var server, out _))
                servers.Add(server);
        }
        return servers;
    }

    private static IReadOnlyList<IPEndPoint> ReadFile()
    {
        try
        {
            return File.Exists(ResolvConf) ? ReadResolvConf(File.ReadAllText(ResolvConf)) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IReadOnlyList<IPEndPoint> FromInterfaces()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(i => i.OperationalStatus == OperationalStatus.Up)
                    .SelectMany(i => i.GetIPProperties().DnsAddresses)
                    .Distinct()
                    .Take(MaxServers)
                    .Select(a => new IPEndPoint(a, DnsServerAddress.DefaultPort)),
            ];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
