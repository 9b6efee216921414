using System.Diagnostics;
using System.Runtime.Versioning;
using Postmaster.Tests.House;

namespace Postmaster.Tests.Support;

/// <summary>
/// Debian's rspamd with its own configuration and ours on top, as a milter on loopback. A subject with <c>prize</c> is spam to it, one with <c>casino</c> is refused.
/// Needs root, and runs as its own user.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class RspamdInstance : IAsyncDisposable
{
    private const string Url = "http://127.0.0.1:8080/api/intake/rspamd", Token = "password = \"TOKEN\"";
    private readonly string _folder;
    private readonly Process _process;

    private RspamdInstance(string folder, int milterPort, Process process) => (_folder, MilterPort, _process) = (folder, milterPort, process);

    public int MilterPort { get; }

    public string Log => File.ReadAllText(Path.Combine(_folder, "log"));

    /// <param name="dns">Address and port of the DNS server.</param>
    /// <param name="portal">Where the product answers.</param>
    public static async Task<RspamdInstance> StartAsync(string dns, string portal, string token)
    {
        string folder = Directory.CreateTempSubdirectory("rspamd-test-").FullName;
        int port = FreePorts.Next();
        foreach (string part in (string[])["local.d", "db", "run"])
            Directory.CreateDirectory(Path.Combine(folder, part));
        string shipped = SourceTree.Read("deploy/rspamd/metadata_exporter.conf");
        Assert.Contains(Url, shipped, StringComparison.Ordinal);
        Assert.Contains(Token, shipped, StringComparison.Ordinal);
        var files = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["local.d/metadata_exporter.conf"] = shipped.Replace(Url, portal + "/api/intake/rspamd", StringComparison.Ordinal).Replace(Token, $"password = \"{token}\"", StringComparison.Ordinal),
            ["local.d/options.inc"] = $$"""pidfile = "{{folder}}/run/pid"; dns { nameserver = ["{{dns}}"]; timeout = 4s; retransmits = 2; }""",
            ["local.d/logging.inc"] = "type = \"console\"; level = \"info\";",
            ["local.d/actions.conf"] = "reject = 150; add_header = 60; greylist = null;",
            ["local.d/worker-normal.inc"] = "enabled = false;",
            ["local.d/worker-controller.inc"] = "enabled = false;",
            ["local.d/worker-fuzzy.inc"] = "enabled = false;",
            ["local.d/worker-proxy.inc"] = $$"""bind_socket = "127.0.0.1:{{port}}"; upstream "local" { self_scan = yes; default = yes; hosts = "127.0.0.1:1"; }""",
            ["rspamd.local.lua"] = """
                local function subject_has(word) return function(task) return (task:get_header('Subject') or ''):find(word) ~= nil end end
                rspamd_config:register_symbol({ name = 'TEST_PRIZE', score = 100, callback = subject_has('prize') })
                rspamd_config:register_symbol({ name = 'TEST_CASINO', score = 200, callback = subject_has('casino') })
                """,
        };
        foreach (string module in (string[])["rbl", "fuzzy_check", "asn", "phishing", "dkim_signing"])
            files[$"local.d/{module}.conf"] = "enabled = false;";
        foreach ((string name, string text) in files)
            await File.WriteAllTextAsync(Path.Combine(folder, name), text);
        OwnDaemon.Run("chown", "-R", "_rspamd:_rspamd", folder);
        Process process = OwnDaemon.Start(
            Path.Combine(folder, "log"), "rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", "/etc/rspamd/rspamd.conf",
            $"--var=LOCAL_CONFDIR={folder}", $"--var=DBDIR={folder}/db", $"--var=RUNDIR={folder}/run", $"--var=LOGDIR={folder}");
        var rspamd = new RspamdInstance(folder, port, process);
        await OwnDaemon.WaitForPortAsync(process, port, () => rspamd.Log);
        return rspamd;
    }

    public async ValueTask DisposeAsync()
    {
        await OwnDaemon.StopAsync(_process);
        await TemporaryFolder.DeleteAsync(_folder);
    }
}
