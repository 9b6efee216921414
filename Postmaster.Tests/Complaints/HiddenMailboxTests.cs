using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>What the pages of a domain show, and the database holds in clear, does not name who complained either.</summary>
public sealed class HiddenMailboxTests
{
    [Fact]
    public async Task Subject_Message_ID_and_identifiers_do_not_name_the_mailbox_in_any_form()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example");
        byte[] message = sender.Sign(
            "From: News <news@owner.example>\r\nTo: anne.alias@provider.example\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\n"
            + "Subject: =?utf-8?Q?Dear_alice=40provider.example,_or_anne.alias@provider.example?=\r\n"
            + "Message-ID: <bounce-alice=provider.example-7@owner.example>\r\nList-ID: <alice-at-provider.example.owner.example>\r\n"
            + $"Feedback-ID: 1:{Convert.ToBase64String("alice@provider.example"u8)}:x:owner\r\n\r\nx\r\n");

        KeptComplaint kept = await app.InStateAsync(await app.PressAsync(message), KeptState.Counted);

        string shown = string.Join('\n', kept.Subject, kept.MessageId, kept.ListId, kept.FeedbackId);
        Assert.DoesNotContain("alice", shown, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("anne", shown, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("YWxpY2", shown, StringComparison.Ordinal);
        Assert.StartsWith("Dear […]", kept.Subject, StringComparison.Ordinal);
        Assert.Equal("bounce-[…]=provider.example-7@owner.example", kept.MessageId);
    }
}
