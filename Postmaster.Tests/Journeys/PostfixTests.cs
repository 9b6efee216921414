using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Journeys;

/// <summary>The loop with a real Postfix on both sides, judged by another implementation of DKIM and MIME.</summary>
[SupportedOSPlatform("linux")]
public sealed class PostfixTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [NeedsFact("postfix", "python3", "dkimverify")] // dkimverify comes with the module that the judge below imports
    public async Task A_pressed_button_becomes_a_signed_report_in_the_owner_s_mailbox()
    {
        int relayPort = FreePorts.Next();
        await using RealPortal portal = await RealPortal.CreateAsync(relayPort);
        await using PostfixInstance postfix = await PostfixInstance.StartAsync(portal.LmtpPort, RealPortal.Domain, relayPort);
        await using ServerProcess server = await portal.StartServerAsync();

        await SubmitAsync(postfix.SubmissionPort, RealPortal.ComplaintMail(portal.OwnersMail("m1"), vouched: false));

        IReadOnlyList<string> delivered = await postfix.WaitForDeliveredAsync(1, Patience);
        await portal.WaitUntilQuietAsync();
        Assert.Equal(1, await portal.CountedAsync());
        JsonElement seen = await JudgeAsync(portal, Assert.Single(delivered));
        Assert.True(seen.GetProperty("dkim").GetBoolean(), "the report's signature does not verify");
        Assert.Equal(RealPortal.Domain, seen.GetProperty("signed_by").GetString());
        Assert.Equal(["text/plain", "message/feedback-report", "message/rfc822"], seen.GetProperty("parts").EnumerateArray().Select(p => p.GetString()));
        Assert.Equal("abuse", seen.GetProperty("feedback_type").GetString());
        Assert.Equal(RealPortal.OwnerDomain, seen.GetProperty("reported_domain").GetString());
        Assert.Equal("<m1@owner.example>", seen.GetProperty("original_message_id").GetString());
        Assert.StartsWith("<fbl-bounce+", seen.GetProperty("return_path").GetString(), StringComparison.Ordinal);
        Assert.False(seen.GetProperty("names_complainer").GetBoolean(), "the complainer's address stands in the report");
    }

    [NeedsFact("postfix")]
    public async Task A_complaint_that_the_border_does_not_vouch_for_is_kept_and_not_counted()
    {
        int relayPort = FreePorts.Next();
        await using RealPortal portal = await RealPortal.CreateAsync(relayPort);
        await using PostfixInstance postfix = await PostfixInstance.StartAsync(portal.LmtpPort, RealPortal.Domain, relayPort);
        await using ServerProcess server = await portal.StartServerAsync();

        // The relay port does not vouch for anybody, as for mail from outside.
        await SubmitAsync(postfix.RelayPort, RealPortal.ComplaintMail(portal.OwnersMail("m1"), vouched: false));

        await server.WaitForLineAsync("complaint kept", Patience);
        await portal.WaitUntilQuietAsync();
        Assert.Equal(0, await portal.CountedAsync());
        Assert.Empty(postfix.Delivered);
    }

    private static async Task SubmitAsync(int port, byte[] mail)
    {
        var connector = new SmtpTcpConnector("127.0.0.1", port, TimeProvider.System);
        await using var client = new SmtpClient(connector.ConnectAsync, new SmtpClientOptions { HelloName = "client.provider.example" }, TimeProvider.System);
        SmtpSendResult result = await client.SendAsync(
            new SmtpMessage(Address(RealPortal.MailboxUser), [Address("spam@" + RealPortal.Domain)], mail), CancellationToken.None);
        Assert.True(result.AllAccepted, string.Join(' ', result.Recipients.Select(r => r.Reason)));
    }

    private static MailAddress Address(string text) => MailAddress.TryParse(text, out MailAddress? address, out _) ? address! : throw new FormatException(text);

    /// <summary>Debian's dkimpy verifies the signature with the key that <c>check health</c> says to publish, Python's email package reads the parts.</summary>
    private static async Task<JsonElement> JudgeAsync(RealPortal portal, string report)
    {
        await using ServerProcess health = ServerProcess.Start(["check", "health", "--json", "--data", portal.DataPath], portal.Settings);
        await health.WaitForExitAsync(Patience);
        string line = Assert.Single(health.Lines, l => l.StartsWith('{'));
        JsonElement key = JsonDocument.Parse(line).RootElement.GetProperty("signing_key");
        var start = new ProcessStartInfo("/usr/bin/python3")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "-c", Judge, report, key.GetProperty("name").GetString()!, key.GetProperty("value").GetString()!, RealPortal.MailboxUser },
        };
        using Process python = Process.Start(start)!;
        Task<string> complaints = python.StandardError.ReadToEndAsync();
        string said = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, await complaints);
        return JsonDocument.Parse(said).RootElement;
    }

    private const string Judge = """
        import dkim, email, email.policy, json, sys
        path, key_name, key_value, complainer = sys.argv[1:5]
        raw = open(path, 'rb').read()
        # The mailbox stored LF: the signature is over CRLF.
        signed = raw.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
        def dns(name, timeout=5):
            name = name.decode() if isinstance(name, bytes) else name
            return key_value.encode() if name.rstrip('.') == key_name.rstrip('.') else None
        verifier = dkim.DKIM(signed)
        passed = verifier.verify(dnsfunc=dns)
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        parts = list(mail.iter_parts())
        report = parts[1].get_payload()
        fields = report[0] if isinstance(report, list) else email.message_from_string(report)
        original = parts[2].get_payload(0)
        print(json.dumps({
            'dkim': bool(passed),
            'signed_by': verifier.domain.decode(),
            'parts': [p.get_content_type() for p in parts],
            'feedback_type': fields['Feedback-Type'],
            'reported_domain': fields['Reported-Domain'],
            'original_message_id': str(original['Message-ID']).strip(),
            'return_path': str(mail['Return-Path']),
            'names_complainer': complainer.encode() in raw,
        }))
        """;
}
