using System.Diagnostics;
using System.Globalization;
using Postmaster.Tests.Support;

namespace Postmaster.Benchmarks;

/// <summary>
/// <c>check message</c> over a folder of mails as a whole process, its start included, beside a Python script that verifies the same mails with
/// dkimpy and pyspf. Both ask one DNS server here, and keep its answers. By the clock, so the machine should have nothing else to do.
/// </summary>
internal static class ProcessRates
{
    private const int CorpusMails = 50_000;

    /// <summary>The best of so many runs each.</summary>
    private const int Runs = 1;

    public static void Measure(Table table)
    {
        using var corpus = new MailCorpus(seed: 3);
        var folder = Directory.CreateTempSubdirectory("postmaster-corpus-");
        try
        {
            foreach (var (number, mail) in corpus.Make(CorpusMails).Index())
                File.WriteAllBytes(Path.Combine(folder.FullName, number.ToString("D5", CultureInfo.InvariantCulture)), mail.Octets);
            var zone = corpus.Zone()
                .AddTxt("example.org", "v=spf1 ip4:192.0.2.0/28 include:_spf.example.net include:_spf.example.com -all")
                .AddTxt("_spf.example.net", "v=spf1 ip4:198.51.100.0/25 ip6:2001:db8:1::/48 ~all")
                .AddTxt("_spf.example.com", "v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/26 ip6:2001:db8:2::/48 ~all")
                .AddTxt("_dmarc.example.org", "v=DMARC1; p=quarantine");
            OneCore.Release();
            var dns = LoopbackDnsServer.Start(zone);
            Compare(table, folder.FullName, dns);
            dns.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            OneCore.Keep();
            folder.Delete(recursive: true);
        }
    }

    private static void Compare(Table table, string folder, LoopbackDnsServer dns)
    {
        var python = Peer.HasPython(table, "dkim") && Peer.HasPython(table, "spf")
            ? RateOf(Peer.PythonPath, [Peer.Source("check_loop.py"), folder, $"{dns.EndPoint.Port}", $"{MailCorpus.Now.ToUnixTimeSeconds()}"])
            : (double?)null;
        string[] check = ["check", "message", "--json", "--dns", dns.Address, "--ip", "203.0.113.130", "--mail-from", "letter@example.org", "--helo", "mta7.example.net", folder];
        var what = string.Create(CultureInfo.InvariantCulture, $"check message, {CorpusMails:N0} mails");
        table.Add($"{what}, {Environment.ProcessorCount} cores", new Rate(RateOf(Program, check), double.NaN), "dkimpy + pyspf", python, 8);
        OneCore.Keep();
        table.Add($"{what}, one core", new Rate(RateOf(Program, check), double.NaN), "dkimpy + pyspf", python, null);
        table.Note("check message judges DKIM, SPF, DMARC, the header fields and the form of each mail, and tells why signatures broke; the Python script judges DKIM and SPF alone, in one process on one core.");
    }

    /// <summary>Mails a second from the start of the process to its end.</summary>
    private static double RateOf(string program, string[] arguments)
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < Runs; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            var elapsed = Stopwatch.GetElapsedTime(started);
            best = elapsed < best ? elapsed : best;
            if (process.ExitCode > 2) // 0, 1 and 2 tell the gravest finding
                throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
        }
        return CorpusMails / best.TotalSeconds;
    }

    /// <summary>Built with this project and in the same configuration, in its own folder.</summary>
    public static string Program
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory); // .../Postmaster.Tests/Benchmarks/bin/Release/net10.0
            var root = output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
            return Path.Combine(root, "Postmaster.Web", "bin", output.Parent.Name, output.Name, "postmaster");
        }
    }
}
