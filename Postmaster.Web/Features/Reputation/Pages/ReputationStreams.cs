using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation.Pages;

/// <summary>Kinds of stream in the middle of a sentence.</summary>
public static class ReputationStreams
{
    public static string Of(StreamKind kind) => kind switch
    {
        StreamKind.Whole => "all streams",
        StreamKind.Unauthenticated => "no authentication",
        StreamKind.ListId => "List-Id",
        StreamKind.FeedbackSender => "the Feedback-ID sender",
        StreamKind.Feedback1 or StreamKind.Feedback2 or StreamKind.Feedback3 => "the Feedback-ID field",
        StreamKind.MessageType => "message type",
        StreamKind.Selector => "selector",
        StreamKind.EnvelopeDomain => "envelope domain",
        StreamKind.Ip => "address",
        StreamKind.Network => "network",
        _ => "stream",
    };
}
