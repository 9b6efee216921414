using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postmaster.Tests.Support;

/// <summary>
/// Ports of the loopback interface for servers that are started later, or stopped and started again: below those that the system gives to clients and to port 0, so
/// that nobody is given one meanwhile, and each once in a run.
/// </summary>
internal static class FreePorts
{
    /// <summary>Chromium opens none of the well-known ones that lie below.</summary>
    private const int Lowest = 12_000;

    private static readonly int Highest = FirstOfTheSystem() - 1;
    private static readonly Lock Gate = new();

    /// <summary>Runs beside each other begin elsewhere.</summary>
    private static int _next = Environment.ProcessId * 397;

    public static int Next()
    {
        lock (Gate)
        {
            for (int tries = Highest - Lowest; tries > 0; tries--)
            {
                int port = Lowest + (int)((uint)_next++ % (uint)(Highest - Lowest + 1));
                if (IsFree(port))
                    return port;
            }
        }

        throw new InvalidOperationException($"No port from {Lowest} to {Highest} is free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FirstOfTheSystem()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        int first = File.Exists(range) ? int.Parse(File.ReadAllText(range).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture) : 32_768;
        return first > Lowest + 1000 ? first : 32_768; // where the system gives away all of them, some are as good as others
    }
}
