using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Postmaster.Tests.House;

namespace Postmaster.Tests.Support;

/// <summary>
/// Debian's Dovecot on loopback with the configuration that we ship: every name is a mailbox, mail comes by LMTP, a rule of Sieve files what has
/// <c>X-Spam: Yes</c> into Junk. Needs root; mailboxes and scripts are of the user nobody, who runs a copy of the built product.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class DovecotInstance : IAsyncDisposable
{
    private const string MailUser = "65534:65534";
    private readonly string _folder;
    private readonly Process _process;

    private DovecotInstance(string folder, Process process, int imapPort, int lmtpPort) => (_folder, _process, ImapPort, LmtpPort) = (folder, process, imapPort, lmtpPort);

    public int ImapPort { get; }

    public int LmtpPort { get; }

    /// <summary>Where mail_log writes.</summary>
    public string InfoLog => Path.Combine(_folder, "info.log");

    public string Log => File.ReadAllText(InfoLog) + (File.Exists(ErrorLog) ? File.ReadAllText(ErrorLog) : "");

    private string ErrorLog => Path.Combine(_folder, "error.log");

    /// <param name="portal">Where the product answers.</param>
    public static async Task<DovecotInstance> StartAsync(string portal, string token)
    {
        string folder = Directory.CreateTempSubdirectory("dovecot-test-").FullName;
        int imapPort = FreePorts.Next(), lmtpPort = FreePorts.Next();
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        foreach (string part in (string[])["run", "state", "mail", "bin", "scripts", "spool"])
            Directory.CreateDirectory(Path.Combine(folder, part));
        OwnDaemon.Run("cp", "-r", Path.GetDirectoryName(ServerProcess.ProgramPath)!, Path.Combine(folder, "product"));
        await WriteScriptsAsync(folder, portal, token);
        await File.WriteAllTextAsync(Path.Combine(folder, "dovecot.conf"), Configuration(folder, imapPort, lmtpPort));
        foreach (string ours in (string[])["mail", "scripts", "spool"])
            OwnDaemon.Run("chown", "-R", MailUser, Path.Combine(folder, ours));
        OwnDaemon.Run("chmod", "-R", "go+rX", Path.Combine(folder, "product"));
        Process process = OwnDaemon.Start(Path.Combine(folder, "out"), "dovecot", "-F", "-c", Path.Combine(folder, "dovecot.conf"));
        var dovecot = new DovecotInstance(folder, process, imapPort, lmtpPort);
        await OwnDaemon.WaitForPortAsync(process, imapPort, () => File.ReadAllText(Path.Combine(folder, "out")) + (File.Exists(dovecot.InfoLog) ? dovecot.Log : ""));
        return dovecot;
    }

    public async ValueTask DisposeAsync()
    {
        await OwnDaemon.StopAsync(_process);
        await TemporaryFolder.DeleteAsync(_folder);
    }

    /// <summary>The shipped scripts, with this folder in the place of the system's.</summary>
    private static async Task WriteScriptsAsync(string folder, string portal, string token)
    {
        foreach (string script in (string[])["report-spam.sieve", "report-not-spam.sieve"])
            await File.WriteAllTextAsync(Path.Combine(folder, "scripts", script), SourceTree.Read("deploy/dovecot/" + script));
        await File.WriteAllTextAsync(Path.Combine(folder, "scripts", "filter.sieve"), "require \"fileinto\"; if header :contains \"X-Spam\" \"Yes\" { fileinto \"Junk\"; }\n");
        string shipped = SourceTree.Read("deploy/dovecot/complaint");
        Assert.Contains("/opt/postmaster/postmaster", shipped, StringComparison.Ordinal);
        string program = Path.Combine(folder, "bin", "complaint");
        await File.WriteAllTextAsync(program, shipped
            .Replace("/opt/postmaster/postmaster", $"dotnet {folder}/product/postmaster.dll", StringComparison.Ordinal)
            .Replace("/etc/dovecot/postmaster/environment", $"{folder}/scripts/environment", StringComparison.Ordinal));
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(Path.Combine(folder, "scripts", "environment"), $"""
            Postmaster__Ingest__Url={portal}
            Postmaster__Ingest__Token={token}
            Postmaster__Intake__Spool={folder}/spool
            PATH={Environment.GetEnvironmentVariable("PATH")}
            DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT")}
            HOME={folder}/spool

            """.Replace("DOTNET_ROOT=\n", "", StringComparison.Ordinal));
    }

    /// <summary>A file of the distribution's kind, and then ours as they are shipped.</summary>
    private static string Configuration(string folder, int imapPort, int lmtpPort) => string.Create(CultureInfo.InvariantCulture, $$"""
        base_dir = {{folder}}/run
        state_dir = {{folder}}/state
        log_path = {{folder}}/error.log
        info_log_path = {{folder}}/info.log
        protocols = imap lmtp
        listen = 127.0.0.1
        ssl = no
        disable_plaintext_auth = no
        first_valid_uid = 1
        mail_location = maildir:{{folder}}/mail/%u
        passdb {
          driver = static
          args = nopassword=y
        }
        userdb {
          driver = static
          args = uid=65534 gid=65534 home={{folder}}/mail/%u
        }
        service imap-login {
          inet_listener imap {
            port = {{imapPort}}
          }
          inet_listener imaps {
            port = 0
          }
        }
        service lmtp {
          inet_listener lmtp {
            address = 127.0.0.1
            port = {{lmtpPort}}
          }
        }
        namespace inbox {
          inbox = yes
          mailbox Junk {
            special_use = \Junk
            auto = create
          }
          mailbox Trash {
            special_use = \Trash
            auto = create
          }
          mailbox Archive {
            auto = create
          }
        }
        protocol lmtp {
          mail_plugins = $mail_plugins sieve
        }
        plugin {
          sieve_before = {{folder}}/scripts/filter.sieve
        }

        """) + Shipped("90-postmaster.conf", folder) + Shipped("91-postmaster-events.conf", folder);

    private static string Shipped(string file, string folder) => SourceTree.Read("deploy/dovecot/" + file)
        .Replace("vmail", "nobody", StringComparison.Ordinal)
        .Replace("/usr/lib/dovecot/postmaster", folder + "/bin", StringComparison.Ordinal)
        .Replace("/etc/dovecot/postmaster", folder + "/scripts", StringComparison.Ordinal);
}
