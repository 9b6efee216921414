using Postmaster.Fbl.Milter;
using Postmaster.Web.Features.Milter;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Tests.Milter;

public sealed class RefusalReasonTests
{
    [Theory]
    [InlineData("5.1.1", "Recipient address rejected: User unknown in virtual mailbox table", RejectReason.UnknownUser)]
    [InlineData("5.1.6", "Mailbox has moved", RejectReason.UnknownUser)]
    [InlineData("5.2.1", "Mailbox disabled", RejectReason.UnknownUser)]
    [InlineData("", "unknown user", RejectReason.UnknownUser)]
    [InlineData("5.2.2", "Mailbox full", RejectReason.Other)]
    [InlineData("5.1.2", "Domain not found", RejectReason.Other)]
    [InlineData("5.1.8", "Sender address rejected: Domain not found", RejectReason.Policy)]
    [InlineData("5.7.1", "Relay access denied", RejectReason.Policy)]
    [InlineData("5.7.1", "Service unavailable; Client host [192.0.2.1] blocked using zen.example", RejectReason.Reputation)]
    [InlineData("5.7.25", "Client host rejected: cannot find your hostname, [192.0.2.1]", RejectReason.NoPtr)]
    [InlineData("5.7.1", "Client host rejected: cannot find your reverse hostname, [192.0.2.1]", RejectReason.NoPtr)]
    [InlineData("5.7.23", "SPF validation failed", RejectReason.Policy)]
    [InlineData("5.7.26", "Multiple authentication checks failed", RejectReason.Dmarc)]
    [InlineData("5.7.1", "Error: too much mail from 192.0.2.1", RejectReason.Rate)]
    [InlineData("5.6.0", "Bad content", RejectReason.Content)]
    [InlineData("5.5.2", "Recipient address rejected: need fully-qualified address", RejectReason.Other)]
    [InlineData("nonsense", "", RejectReason.Other)]
    public void Postfix_s_refusals_have_the_schema_s_reasons(string code, string text, RejectReason reason) =>
        Assert.Equal(reason, RefusalReason.Of(new MilterRefusal(code, text)));
}
