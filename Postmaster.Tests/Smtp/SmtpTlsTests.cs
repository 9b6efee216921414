using System.Text;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Smtp;

public sealed class SmtpTlsTests
{
    private static readonly SmtpCredentials Credentials = new("user", "p\u00e4ss");

    // Trusts exactly the certificate of these tests.
    private static readonly SmtpClientOptions Pinned = SmtpSending.Options with
    {
        Tls = SmtpTlsMode.Required,
        CertificateValidation = (_, certificate, _, _) =>
            certificate is not null && certificate.GetRawCertData().AsSpan().SequenceEqual(SmtpSending.Certificate.RawData),
    };

    [Fact]
    public async Task STARTTLS_is_followed_by_a_new_EHLO()
    {
        await using var peer = ScriptedSmtpPeer.Accepting(certificate: SmtpSending.Certificate);
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message(), Pinned);
        Assert.True(result is { AllAccepted: true, Encrypted: true });
        Assert.StartsWith("EHLO me.test|STARTTLS|EHLO me.test|MAIL", string.Join('|', peer.Lines));
    }

    [Fact]
    public async Task Implicit_TLS_begins_before_the_greeting()
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.StartTlsAsync(SmtpSending.Certificate);
            await c.ServeAsync();
        });
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message(), Pinned with { Tls = SmtpTlsMode.Implicit });
        Assert.True(result is { AllAccepted: true, Encrypted: true });
        Assert.Single(peer.Messages);
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_refused_where_TLS_is_required()
    {
        await using var peer = ScriptedSmtpPeer.Accepting(certificate: SmtpSending.Certificate);
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message(), SmtpSending.Options with { Tls = SmtpTlsMode.Required });
        AssertFailed(SmtpProblem.TlsFailed, result);
        Assert.Empty(peer.Messages);
    }

    [Fact]
    public async Task Opportunistic_TLS_takes_any_certificate()
    {
        await using var peer = ScriptedSmtpPeer.Accepting(certificate: SmtpSending.Certificate);
        Assert.True(await SmtpSending.SendAsync(peer, SmtpSending.Message()) is { AllAccepted: true, Encrypted: true });
    }

    [Fact]
    public async Task Opportunistic_TLS_does_not_give_a_password_to_any_certificate()
    {
        await using var peer = ScriptedSmtpPeer.Accepting(certificate: SmtpSending.Certificate);
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message(), SmtpSending.Options with { Credentials = Credentials });
        AssertFailed(SmtpProblem.TlsFailed, result);
        Assert.DoesNotContain(peer.Lines, line => line.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Opportunistic_TLS_goes_on_in_the_clear_when_the_handshake_fails()
    {
        await using var peer = new ScriptedSmtpPeer(c => c.ServeAsync(line =>
            line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-x\r\n250 STARTTLS\r\n" : line is "STARTTLS" ? "220 go\r\n" : null)); // but then talks on in the clear
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message());
        Assert.True(result is { AllAccepted: true, Encrypted: false });
        Assert.Equal(2, peer.Connections);
    }

    [Theory]
    [InlineData("250 x", null)] // not offered: an attacker may have cut it out
    [InlineData("250-x\r\n250 STARTTLS", "454 4.7.0 not now")]
    [InlineData("250-x\r\n250 STARTTLS", "501 5.5.4 no")]
    public async Task Required_TLS_is_required(string hello, string? startTls)
    {
        await using var peer = ScriptedSmtpPeer.Accepting(line =>
            line.StartsWith("EHLO", StringComparison.Ordinal) ? hello + "\r\n" : line is "STARTTLS" ? startTls + "\r\n" : null);
        AssertFailed(SmtpProblem.TlsUnavailable, await SmtpSending.SendAsync(peer, SmtpSending.Message(), Pinned));
        Assert.DoesNotContain(peer.Lines, line => line.StartsWith("MAIL", StringComparison.Ordinal));

        var opportunistic = await SmtpSending.SendAsync(peer, SmtpSending.Message());
        Assert.True(opportunistic is { AllAccepted: true, Encrypted: false });
    }

    [Fact]
    public async Task Words_slipped_in_behind_the_answer_to_STARTTLS_are_refused()
    {
        await using var peer = new ScriptedSmtpPeer(async c =>
        {
            await c.SendAsync("220 x\r\n");
            await c.ExpectAsync("EHLO", "250-x\r\n250 STARTTLS\r\n");
            await c.ExpectAsync("STARTTLS", "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n"); // the last two in the clear, to be taken for encrypted ones
            await c.ReadLineAsync();
        });
        AssertFailed(SmtpProblem.TlsInjection, await SmtpSending.SendAsync(peer, SmtpSending.Message(), Pinned));
    }

    [Theory]
    [InlineData("AUTH LOGIN PLAIN")]
    [InlineData("AUTH=PLAIN")]
    [InlineData("auth plain")]
    public async Task AUTH_PLAIN_is_preferred(string offer)
    {
        await using var peer = AuthPeer(offer, _ => "235 2.7.0 welcome\r\n");
        Assert.True((await SmtpSending.SendAsync(peer, SmtpSending.Message(), SmtpSending.Options with { Credentials = Credentials })).AllAccepted);
        Assert.Contains("AUTH PLAIN " + Convert.ToBase64String(Encoding.UTF8.GetBytes("\0user\0p\u00e4ss")), peer.Lines, StringComparer.Ordinal);
    }

    [Fact]
    public async Task AUTH_LOGIN_answers_two_prompts()
    {
        await using var peer = AuthPeer("AUTH LOGIN", line => line switch
        {
            "AUTH LOGIN" => "334 VXNlcm5hbWU6\r\n",
            "dXNlcg==" => "334 UGFzc3dvcmQ6\r\n",
            "cMOkc3M=" => "235 2.7.0 welcome\r\n",
            _ => "535 5.7.8 no\r\n",
        });
        Assert.True((await SmtpSending.SendAsync(peer, SmtpSending.Message(), SmtpSending.Options with { Credentials = Credentials })).AllAccepted);
    }

    [Theory]
    [InlineData("AUTH PLAIN", SmtpProblem.AuthenticationFailed)]
    [InlineData("AUTH LOGIN", SmtpProblem.AuthenticationFailed)]
    [InlineData("AUTH CRAM-MD5", SmtpProblem.AuthenticationUnavailable)]
    [InlineData("SIZE", SmtpProblem.AuthenticationUnavailable)]
    public async Task A_refused_log_in_is_temporary_because_it_says_nothing_of_the_message(string offer, string problem)
    {
        await using var peer = AuthPeer(offer, _ => "535 5.7.8 wrong\r\n");
        var result = await SmtpSending.SendAsync(peer, SmtpSending.Message(), SmtpSending.Options with { Credentials = Credentials });
        AssertFailed(problem, result);
        Assert.DoesNotContain(peer.Lines, line => line.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_password_goes_in_the_clear_only_over_loopback_or_when_allowed(bool allowed)
    {
        await using var peer = AuthPeer("AUTH PLAIN", _ => "235 2.7.0 welcome\r\n");
        await using var client = new SmtpClient(
            async ct => new TrickleStream(await SmtpSending.Connector(peer).ConnectAsync(ct), 4096), // not known as loopback
            SmtpSending.Options with { Credentials = Credentials, AllowPlainTextCredentials = allowed },
            TimeProvider.System);
        var result = await client.SendAsync(SmtpSending.Message(), default);
        if (allowed)
            Assert.True(result.AllAccepted);
        else
            AssertFailed(SmtpProblem.AuthenticationNeedsTls, result);
        Assert.Equal(allowed, peer.Lines.Any(line => line.StartsWith("AUTH", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_password_with_NUL_is_refused_and_none_is_shown()
    {
        Assert.Throws<ArgumentException>(() => new SmtpClient(_ => default, new SmtpClientOptions { Credentials = new("u", "a\0b") }, TimeProvider.System));
        Assert.DoesNotContain("secret", (SmtpSending.Options with { Credentials = new("u", "secret") }).ToString(), StringComparison.Ordinal);
    }

    private static ScriptedSmtpPeer AuthPeer(string offer, Func<string, string> answer) => ScriptedSmtpPeer.Accepting(line =>
        line.StartsWith("EHLO", StringComparison.Ordinal) ? $"250-x\r\n250 {offer}\r\n"
        : line.Length == 0 || line.Split(' ')[0] is "MAIL" or "RCPT" or "DATA" or "QUIT" or "." ? null
        : answer(line));

    private static void AssertFailed(string problem, SmtpSendResult result)
    {
        var recipient = Assert.Single(result.Recipients);
        Assert.Equal((SmtpOutcome.TemporaryFailure, problem), (recipient.Outcome, recipient.Problem));
    }
}
