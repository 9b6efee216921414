using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Lists;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The way out that mail programs offer: List-Unsubscribe and its one-click form. Nothing is contacted here.</summary>
internal sealed class UnsubscribeCheck : ISampleCheck
{
    private const string Field = OneClick.Field, PostField = OneClick.PostField;

    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Unsubscribe, "Unsubscribe");
        HeaderField? field = evidence.Headers.First(Field);
        if (field is null)
        {
            bool list = evidence.Headers.First("List-Id") is not null || evidence.Headers.First("Feedback-ID") is not null
                || evidence.Headers.First("Precedence")?.Unfolded.Equals("bulk", StringComparison.OrdinalIgnoreCase) == true;
            topic.Add(list ? SampleSeverity.Warning : SampleSeverity.Info, "none", "There is no List-Unsubscribe. Mail that goes to many needs the two fields below, with an address of your own for each recipient and list; a receipt or an answer does not.", "RFC 8058 §3.1", fix: new CopyText("header", Field, $"<https://news.example/unsubscribe/opaque-token>\r\n{PostField}: {OneClick.Body}"));
            return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
        }

        ByteRange[] ranges = [.. evidence.RangesOf(Field), .. evidence.RangesOf(PostField)];
        var way = ListUnsubscribe.Parse(field.Unfolded);
        if (evidence.Headers.Count(Field) > 1)
            topic.Add(SampleSeverity.Critical, "several", "List-Unsubscribe stands in the mail more than once. Send one, with all URIs in it, parted by commas.", "RFC 2369 §4", ranges);
        if (way.IsMalformed)
            topic.Add(SampleSeverity.Critical, "malformed", "List-Unsubscribe is not a list of <URI>, <URI>. Write each URI between angle brackets.", "RFC 2369 §2", ranges);
        if (way.Http.Any())
            topic.Add(SampleSeverity.Warning, "http", "List-Unsubscribe holds an http: URI, which anybody on the way can read and change. Use https: only.", "RFC 8058 §3.1", ranges);
        CheckOneClick(topic, evidence, way, ranges);
        if (topic.IsEmpty)
            topic.Add(SampleSeverity.Ok, "one_click", $"One click is enough, and a valid signature covers both fields: {way.Https.First().GetLeftPart(UriPartial.Authority)}.", "RFC 8058 §4", ranges, way.Uris.Select(u => u.ToString()));
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
    }

    private static void CheckOneClick(SampleTopicWriter topic, SampleEvidence evidence, ListUnsubscribe way, ByteRange[] ranges)
    {
        List<HeaderField> posts = [.. evidence.Headers.All(PostField)];
        if (posts.Count == 0)
        {
            topic.Add(SampleSeverity.Warning, "no_one_click", "There is no List-Unsubscribe-Post, so mail programs cannot offer to unsubscribe with one click. Add the field below, answer a POST without asking back, and sign both fields.", "RFC 8058 §3.1", ranges, fix: new CopyText("header", PostField, OneClick.Body));
            return;
        }

        if (posts.Count > 1)
            topic.Add(SampleSeverity.Critical, "several_posts", "List-Unsubscribe-Post stands in the mail more than once. Send one.", "RFC 8058 §3.1", ranges);
        else if (!posts[0].Unfolded.Equals(OneClick.Body, StringComparison.OrdinalIgnoreCase))
            topic.Add(SampleSeverity.Critical, "bad_post", "List-Unsubscribe-Post has to say exactly List-Unsubscribe=One-Click.", "RFC 8058 §3.1", ranges, fix: new CopyText("header", PostField, OneClick.Body));
        int https = way.Https.Count();
        if (https == 0)
            topic.Add(SampleSeverity.Critical, "no_https", "One-click needs an https: URI in List-Unsubscribe. Add one that takes a POST.", "RFC 8058 §3.1", ranges);
        else if (https > 1)
            topic.Add(SampleSeverity.Warning, "several_https", "List-Unsubscribe holds more than one https: URI; one is allowed with one-click. Leave the one that takes the POST.", "RFC 8058 §3.1", ranges);
        CheckCover(topic, evidence, ranges);
    }

    /// <summary>RFC 8058 §4: one valid signature has to cover both, in all their instances.</summary>
    private static void CheckCover(SampleTopicWriter topic, SampleEvidence evidence, ByteRange[] ranges)
    {
        List<DkimResult> valid = [.. evidence.Valid];
        if (OneClick.IsCovered(evidence.Headers, evidence.Dkim))
            return;
        string text = valid.Count == 0
            ? "No DKIM signature of the mail is valid, so mail programs will not offer one-click. Mend the signature, with List-Unsubscribe and List-Unsubscribe-Post in h=."
            : valid.Exists(d => d.Covers(evidence.Headers, Field))
                ? "One-click is there but List-Unsubscribe-Post is not signed. Add it to h=."
                : "One-click is there but no valid signature covers both fields. Add List-Unsubscribe and List-Unsubscribe-Post to h=.";
        topic.Add(SampleSeverity.Critical, "not_signed", text, "RFC 8058 §4", ranges, fix: new CopyText("text", "h=", $"{Field}:{PostField}"));
    }
}
