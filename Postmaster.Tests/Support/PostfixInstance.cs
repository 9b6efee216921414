using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Postmaster.Tests.Support;

/// <summary>
/// A real Postfix of the test's own on loopback: a submission port whose border vouches for one mailbox user, delivery of complaints by LMTP,
/// and a relay port whose mail for <c>owner.example</c> ends in a Maildir. Needs root, as Postfix does.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class PostfixInstance : IAsyncDisposable
{
    private const string MailboxUser = Journeys.RealPortal.MailboxUser, AuthservId = Journeys.RealPortal.AuthservId, OwnerDomain = Journeys.RealPortal.OwnerDomain;
    private readonly string _folder;

    private PostfixInstance(string folder, int submissionPort, int relayPort) =>
        (_folder, SubmissionPort, RelayPort) = (folder, submissionPort, relayPort);

    public int SubmissionPort { get; }

    public int RelayPort { get; }

    private string Configuration => Path.Combine(_folder, "conf");

    /// <summary>The mails delivered to <c>owner.example</c> so far.</summary>
    public IReadOnlyList<string> Delivered =>
        Directory.Exists(Path.Combine(_folder, "mail", "inbox", "new")) ? Directory.GetFiles(Path.Combine(_folder, "mail", "inbox", "new")) : [];

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile => Path.Combine(_folder, "mail.log");

    /// <param name="lmtpPort">Where the product takes complaints.</param>
    /// <param name="complaintDomain">The domain of <c>spam@</c>.</param>
    /// <param name="relayPort">Where the product hands in its reports.</param>
    /// <param name="settings">Lines of main.cf that come after the instance's own, and win.</param>
    public static async Task<PostfixInstance> StartAsync(int lmtpPort, string complaintDomain, int relayPort, string settings = "")
    {
        string folder = Directory.CreateTempSubdirectory("postfix-test-").FullName;
        var postfix = new PostfixInstance(folder, FreePorts.Next(), relayPort);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        foreach (string part in (string[])["conf", "queue", "data", "mail"])
            Directory.CreateDirectory(Path.Combine(folder, part));
        await File.WriteAllTextAsync(Path.Combine(folder, "conf", "main.cf"), postfix.MainConfiguration(lmtpPort, complaintDomain) + settings);
        await File.WriteAllTextAsync(Path.Combine(folder, "conf", "master.cf"), postfix.Services());
        await File.WriteAllTextAsync(
            Path.Combine(folder, "conf", "vouch"),
            $"{MailboxUser} PREPEND Authentication-Results: {AuthservId}; auth=pass smtp.auth={MailboxUser}\n");
        Run("chown", "postfix", Path.Combine(folder, "data"));
        Run("chown", "65534:65534", Path.Combine(folder, "mail"));
        Run("postfix", "-c", postfix.Configuration, "start");
        await postfix.WaitUntilListeningAsync();
        return postfix;
    }

    public async Task<IReadOnlyList<string>> WaitForDeliveredAsync(int count, TimeSpan longest)
    {
        var waited = Stopwatch.StartNew();
        while (Delivered.Count < count)
        {
            if (waited.Elapsed > longest)
                throw new TimeoutException($"{Delivered.Count} of {count} mails were delivered within {longest}. Postfix says:\n{Log}");
            await Task.Delay(100);
        }

        return Delivered;
    }

    public async ValueTask DisposeAsync()
    {
        Run("postfix", "-c", Configuration, "stop");
        await TemporaryFolder.DeleteAsync(_folder);
    }

    private async Task WaitUntilListeningAsync()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, RelayPort);
                return;
            }
            catch (SocketException) when (attempt < 600)
            {
                await Task.Delay(100);
            }
        }
    }

    private string MainConfiguration(int lmtpPort, string complaintDomain) => $$$"""
        compatibility_level = 3.6
        queue_directory = {{{_folder}}}/queue
        data_directory = {{{_folder}}}/data
        maillog_file = {{{LogFile}}}
        maillog_file_prefixes = {{{_folder}}}
        command_directory = /usr/sbin
        daemon_directory = /usr/lib/postfix/sbin
        mail_owner = postfix
        setgid_group = postdrop
        myhostname = {{{AuthservId}}}
        mydestination =
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        mynetworks = 127.0.0.0/8
        alias_maps =
        alias_database =
        local_recipient_maps =
        smtp_dns_support_level = disabled
        lmtp_dns_support_level = disabled
        smtputf8_enable = no
        relay_domains = {{{complaintDomain}}}
        transport_maps = inline:{{{{complaintDomain}}}=lmtp:inet:127.0.0.1:{{{lmtpPort}}}}
        virtual_mailbox_domains = {{{OwnerDomain}}}
        virtual_mailbox_base = {{{_folder}}}/mail
        virtual_mailbox_maps = static:inbox/
        virtual_uid_maps = static:65534
        virtual_gid_maps = static:65534
        minimal_backoff_time = 1s
        queue_run_delay = 1s

        """;

    private string Services() => $"""
        127.0.0.1:{RelayPort} inet n - n - - smtpd
        127.0.0.1:{SubmissionPort} inet n - n - - smtpd
          -o smtpd_sender_restrictions=check_sender_access,texthash:{_folder}/conf/vouch
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        error unix - - n - - error
        retry unix - - n - - error
        virtual unix - n n - - virtual
        lmtp unix - - n - - lmtp
        anvil unix - - n - 1 anvil
        postlog unix-dgram n - n - 1 postlogd

        """;

    private static void Run(string program, params string[] arguments)
    {
        string path = RequiredPrograms.Find(program) ?? program;
        using Process process = Process.Start(new ProcessStartInfo(path, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said.Result}");
    }
}
