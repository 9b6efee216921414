using System.Globalization;
using System.Text;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The fields by which providers tell the streams of one sender apart and know where complaints go: List-Id, Feedback-ID, CFBL-Address.</summary>
/// <param name="publicSuffixOf">Null when no list is at hand.</param>
internal sealed class IdentifiersCheck(Func<DomainName, DomainName>? publicSuffixOf) : ISampleCheck
{
    private const string FeedbackId = "Feedback-ID", ListId = "List-Id";

    /// <summary>RFC 2919 §3.</summary>
    private const int MaxListIdOctets = 255;

    private const int MinSenderId = 5, MaxSenderId = 15;

    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Identifiers, "Identifiers");
        CheckListId(topic, evidence);
        CheckFeedbackId(topic, evidence);
        CheckCfbl(topic, evidence);
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
    }

    private static void CheckListId(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Headers.First(ListId) is not { } field)
        {
            topic.Add(SampleSeverity.Info, "no_list_id", "There is no List-Id. Mail to a list should name it, so that people can sort it and providers can tell your lists apart.", "RFC 2919 §3");
            return;
        }

        ByteRange[] ranges = [.. evidence.RangesOf(ListId)];
        string value = field.Unfolded;
        int open = value.LastIndexOf('<'), close = value.LastIndexOf('>');
        string id = open >= 0 && close > open ? value[(open + 1)..close] : "";
        if (evidence.Headers.Count(ListId) > 1)
            topic.Add(SampleSeverity.Warning, "several_list_ids", "List-Id stands in the mail more than once. Send one.", "RFC 2919 §4", ranges);
        else if (id.Length == 0 || !id.Contains('.', StringComparison.Ordinal) || id.Any(char.IsWhiteSpace))
            topic.Add(SampleSeverity.Warning, "bad_list_id", "List-Id does not end in <label.domain>. Write it as below, with a domain of yours.", "RFC 2919 §3", ranges, fix: new CopyText("header", ListId, $"Newsletter <newsletter.{evidence.AuthorDomain?.Ascii ?? "news.example"}>"));
        else if (Encoding.UTF8.GetByteCount(id) > MaxListIdOctets)
            topic.Add(SampleSeverity.Warning, "long_list_id", "List-Id is longer than 255 octets. Shorten it.", "RFC 2919 §3", ranges);
        else
            topic.Add(SampleSeverity.Ok, "list_id", $"List-Id is {id}.", "RFC 2919 §3", ranges);
    }

    /// <summary>No RFC: Google's field, which this portal reads, too. Four parts from the right, the last names the sender.</summary>
    private static void CheckFeedbackId(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Headers.First(FeedbackId) is not { } field)
        {
            topic.Add(SampleSeverity.Info, "no_feedback_id", "There is no Feedback-ID. With one, complaints are shown by campaign. Write up to three identifiers and a sender name of 5 to 15 characters, never one of a single recipient.", fix: new CopyText("header", FeedbackId, "campaign:customer:kind:sender"));
            return;
        }

        ByteRange[] ranges = [.. evidence.RangesOf(FeedbackId)];
        string[] parts = [.. field.Unfolded.Split(':', StringSplitOptions.TrimEntries).TakeLast(4)];
        string sender = parts[^1];
        if (evidence.Headers.Count(FeedbackId) > 1)
            topic.Add(SampleSeverity.Warning, "several_feedback_ids", "Feedback-ID stands in the mail more than once, so none counts. Send one.", null, ranges);
        else if (sender.Length is < MinSenderId or > MaxSenderId)
            topic.Add(SampleSeverity.Warning, "feedback_sender", string.Create(CultureInfo.InvariantCulture, $"The last part of Feedback-ID is \"{sender}\"; it names the sender and has to have {MinSenderId} to {MaxSenderId} characters. Without it nothing is counted."), null, ranges);
        else if (parts[..^1].Where(p => p.Length > 0).GroupBy(p => p, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            topic.Add(SampleSeverity.Warning, "feedback_repeats", $"Feedback-ID says \"{twice.Key}\" twice. Let each identifier stand once.", null, ranges);
        else if (!evidence.Valid.Any(d => d.Covers(evidence.Headers, FeedbackId)))
            topic.Add(SampleSeverity.Warning, "feedback_not_signed", "No valid DKIM signature covers Feedback-ID, so it does not count. Add it to h=.", "RFC 6376 §5.4.1", ranges, fix: new CopyText("text", "h=", FeedbackId));
        else
            topic.Add(SampleSeverity.Ok, "feedback_id", $"Feedback-ID names the sender {sender} and is signed.", null, ranges, parts[..^1].Select(p => p.Length == 0 ? "(empty)" : p));
    }

    /// <summary>RFC 9477 §3.1: who has to sign depends on where the address lies; each field is judged by itself.</summary>
    private void CheckCfbl(SampleTopicWriter topic, SampleEvidence evidence)
    {
        List<HeaderField> fields = [.. evidence.Headers.All(CfblAddress.FieldName)], ids = [.. evidence.Headers.All(CfblAddress.FeedbackIdFieldName)];
        ByteRange[] idRanges = [.. ids.Select(SampleEvidence.RangeOf)];
        CfblResult result = CfblEvaluator.Evaluate(evidence.Headers, CfblSignature.Of(evidence.Dkim), publicSuffixOf);
        foreach (CfblVerdict verdict in result.Fields)
        {
            ByteRange[] ranges = [SampleEvidence.RangeOf(fields[verdict.Index]), .. idRanges];
            if (verdict.Qualifies)
                topic.Add(SampleSeverity.Ok, "cfbl", $"Complaints may be reported to {verdict.Address!.Address}. {verdict.Reason}", verdict.Section, ranges);
            else
                topic.Add(SampleSeverity.Warning, CodeOf(verdict.Problem), $"CFBL-Address{(verdict.Address is { } address ? $" {address.Address}" : "")} does not count. {verdict.Reason}", verdict.Section, ranges, fix: FixOf(verdict.Problem));
            if (verdict.Address is { Ignored.Count: > 0 })
                topic.Add(SampleSeverity.Warning, "cfbl_parameter", "CFBL-Address has a parameter that says nothing: only \"report=arf\" and \"report=xarf\" do, once and in small letters. Reports come as ARF.", "RFC 9477 §5.1", [ranges[0]]);
        }

        if (result.Fields.Count > 0 && ids.Exists(f => !CfblFieldReader.TryReadFeedbackId(f.RawValue.Span, out _, out _)))
            topic.Add(SampleSeverity.Warning, "bad_cfbl_id", "CFBL-Feedback-ID holds characters that it must not: write letters, digits, colons and the signs of an unquoted local-part.", "RFC 9477 §5.2", idRanges);
    }

    private static string CodeOf(CfblProblem problem) => problem switch
    {
        CfblProblem.BadSyntax => "bad_cfbl",
        CfblProblem.NoSingleAuthor => "cfbl_author",
        _ => "cfbl_not_signed",
    };

    private static CopyText? FixOf(CfblProblem problem) => problem is CfblProblem.AddressNotCovered or CfblProblem.FeedbackIdNotCovered
        ? new CopyText("text", "h=", $"{CfblAddress.FieldName}:{CfblAddress.FeedbackIdFieldName}") : null;
}
