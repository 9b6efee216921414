using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>What leaves, what waits, what is given up, and what nobody wants any more.</summary>
public sealed class OutboxTests
{
    private const string Address = "fbl@owner.example";

    private static Action<WebApplicationBuilder> With(ScriptedRelay relay) =>
        builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay));

    private static async Task<PostmasterApp> StartAsync(ScriptedRelay relay, params (string Key, string? Value)[] more)
    {
        PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(more), With(relay));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        return app;
    }

    private static async Task PressAsync(PostmasterApp app, string name = "one") =>
        await app.InStateAsync(await app.PressAsync(new SigningSender(app.Zone, "owner.example").Newsletter(name)), KeptState.Counted);

    /// <summary>Waits until the relay's temporary refusal is written: when it is tried again is counted from then on.</summary>
    private static Task TriedAsync(PostmasterApp app) => PressKit.EventuallyAsync(async () =>
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Outbox.AnyAsync(m => m.LastAnswer == "421 Busy" && m.State == OutboxState.Queued && m.LeaseUntil == null);
    }, () => "not tried");

    [Fact]
    public async Task A_temporary_failure_is_tried_again_with_the_same_Message_ID_and_its_answer_is_kept()
    {
        ScriptedRelay relay = new ScriptedRelay().Answer(SmtpOutcome.TemporaryFailure, "451 4.7.1 Greylisted\r\nX: y");
        await using PostmasterApp app = await StartAsync(relay);

        await PressAsync(app);
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return await db.Outbox.AnyAsync(m => m.LastAnswer == "451 4.7.1 Greylisted X: y" && m.State == OutboxState.Queued);
        }, () => "no answer was kept");
        Assert.Single(relay.Mails);
        app.Time.Advance(TimeSpan.FromMinutes(2));

        OutboxMessage sent = await app.MailInStateAsync(Address, OutboxState.Sent);
        Assert.Equal(2, relay.Mails.Count);
        Assert.Single(relay.Mails.Select(m => m.MessageId).Distinct(StringComparer.Ordinal));
        Assert.Equal("250 2.0.0 Ok", sent.LastAnswer);
        Assert.All(relay.Mails, m => Assert.StartsWith("fbl-bounce+" + sent.BounceToken + "@fbl.provider.example", m.Sender.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_relay_took_while_the_server_was_told_to_stop_is_written_down_and_not_sent_again()
    {
        var relay = new StoppingRelay();
        await using PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(), builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay)));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        relay.Stop = app.Host.Services.GetRequiredService<IHostApplicationLifetime>();

        await PressAsync(app);
        await relay.Took.Task;
        await app.RestartAsync(PressKit.Settings(), With(new ScriptedRelay()));

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(OutboxState.Sent, (await db.Outbox.SingleAsync(m => m.To == Address)).State);
    }

    /// <summary>Accepts just after the signal to stop came.</summary>
    private sealed class StoppingRelay : IMailRelay
    {
        public IHostApplicationLifetime? Stop { get; set; }

        public TaskCompletionSource Took { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<RelayAnswer> SendAsync(RelayMail mail, CancellationToken ct)
        {
            Stop!.StopApplication();
            Took.SetResult();
            await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return new RelayAnswer(SmtpOutcome.Accepted, "250 2.0.0 Ok");
        }
    }

    [Fact]
    public async Task A_permanent_failure_ends_it_and_shows_why()
    {
        ScriptedRelay relay = new ScriptedRelay().Answer(SmtpOutcome.PermanentFailure, "550 5.1.1 No such user");
        await using PostmasterApp app = await StartAsync(relay);

        await PressAsync(app);

        Assert.Equal("550 5.1.1 No such user", (await app.MailInStateAsync(Address, OutboxState.Failed)).LastAnswer);
    }

    [Fact]
    public async Task After_the_configured_time_it_is_given_up()
    {
        ScriptedRelay relay = new ScriptedRelay().Answer(SmtpOutcome.TemporaryFailure, "421 Busy").Answer(SmtpOutcome.TemporaryFailure, "421 Busy");
        await using PostmasterApp app = await StartAsync(relay, ("Relay:GiveUpAfter", "02:00:00"));

        await PressAsync(app);
        await TriedAsync(app);
        app.Time.Advance(TimeSpan.FromHours(3));

        Assert.EndsWith("421 Busy", (await app.MailInStateAsync(Address, OutboxState.Failed)).LastAnswer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_report_that_nobody_wants_any_more_is_cancelled(bool endAddress)
    {
        ScriptedRelay relay = new ScriptedRelay().Answer(SmtpOutcome.TemporaryFailure, "421 Busy");
        await using PostmasterApp app = await StartAsync(relay);
        await PressAsync(app);
        await TriedAsync(app);

        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            if (endAddress)
            {
                FeedbackAddress address = await db.FeedbackAddresses.SingleAsync();
                address.EndedAt = app.Time.GetUtcNow();
            }
            else
            {
                DomainClaim claim = await db.Claims.SingleAsync();
                claim.Remove(app.Time.GetUtcNow());
            }

            await db.SaveChangesAsync();
        }

        app.Time.Advance(TimeSpan.FromMinutes(2));
        await app.MailInStateAsync(Address, OutboxState.Cancelled);
        Assert.Single(relay.Mails);
    }

    [Theory]
    [InlineData(SmtpOutcome.Accepted, "250 2.0.0 Ok", OutboxState.Sent, "The relay had taken it when this was decided: ")]
    [InlineData(SmtpOutcome.PermanentFailure, "550 5.1.1 No such user", OutboxState.Failed, "The relay had refused it when this was decided: ")]
    public async Task What_the_relay_said_of_a_report_is_told_though_its_address_was_taken_away_meanwhile(SmtpOutcome outcome, string answer, OutboxState state, string words)
    {
        var relay = new ThinkingRelay(new RelayAnswer(outcome, answer));
        await using PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(), builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay)));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        await PressAsync(app);
        await relay.Asked.Task;

        Assert.NotNull(await app.Services.GetRequiredService<LeaveStore>().LeaveAddressAsync(Address, CancellationToken.None));
        string cancelled = (await app.MailInStateAsync(Address, OutboxState.Cancelled)).LastAnswer!;
        relay.Decided.SetResult();

        OutboxMessage row = await app.MailInStateAsync(Address, state);
        Assert.Equal(words + cancelled, row.LastAnswer);
        Assert.Null(row.LeaseUntil);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.False(await db.Bounces.AnyAsync());
    }

    /// <summary>Answers about the address when the test says so, and takes all other mail at once.</summary>
    private sealed class ThinkingRelay(RelayAnswer answer) : IMailRelay
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Decided { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<RelayAnswer> SendAsync(RelayMail mail, CancellationToken ct)
        {
            if (!string.Equals(mail.Recipient.ToString(), Address, StringComparison.Ordinal))
                return new RelayAnswer(SmtpOutcome.Accepted, "250 2.0.0 Ok");
            Asked.TrySetResult();
            await Decided.Task.WaitAsync(ct);
            return answer;
        }
    }

    [Fact]
    public async Task A_server_that_dies_between_the_relays_yes_and_its_own_note_sends_again_with_the_same_Message_ID()
    {
        var relay = new ScriptedRelay { Hold = new TaskCompletionSource() };
        await using PostmasterApp app = await StartAsync(relay);
        await PressAsync(app);
        await PressKit.EventuallyAsync(() => Task.FromResult(relay.Mails.Count == 1), () => "not taken");

        var second = new ScriptedRelay();
        await app.RestartAsync(PressKit.Settings(), With(second));
        app.Time.Advance(TimeSpan.FromMinutes(1)); // the lease of the dead worker ends

        await app.MailInStateAsync(Address, OutboxState.Sent);
        Assert.Equal(Assert.Single(relay.Mails).MessageId, Assert.Single(second.Mails).MessageId);
    }

    [Fact]
    public async Task A_notice_is_plain_text_signed_and_forgotten_when_it_has_left()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await StartAsync(relay);
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            app.Services.GetRequiredService<NoticeOutbox>().Add(db, "person@mail.example", new NoticeContent("Grüße\r\nBcc: x@y.example", "Öffne https://portal.example/x\n"));
            await db.SaveChangesAsync();
        }

        OutboxMessage sent = await app.MailInStateAsync("person@mail.example", OutboxState.Sent);
        string text = System.Text.Encoding.ASCII.GetString(Assert.Single(relay.Mails).Content);

        Assert.Null(sent.SealedContent);
        Assert.StartsWith("DKIM-Signature:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nBcc:", text, StringComparison.Ordinal);
        Assert.Contains("\r\nAuto-Submitted: auto-generated\r\n", text, StringComparison.Ordinal);
    }
}
