using System.Globalization;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The signatures: which count, why others do not, and what they leave uncovered.</summary>
internal sealed class DkimCheck : ISampleCheck
{
    /// <summary>RFC 8301 §3.2: signers should use this size.</summary>
    private const int GoodRsaBits = 2048;

    /// <summary>What is shown to people or steers programs, and therefore has to be signed when it is there (RFC 6376 §5.4.1).</summary>
    private static readonly string[] Important =
    [
        "Subject", "To", "Cc", "Date", "Reply-To", "Message-ID", "MIME-Version", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID",
    ];

    /// <summary>Adding one of these changes what people see or where they answer to (RFC 6376 §8.15).</summary>
    private static readonly string[] Oversigned = ["From", "To", "Subject", "Date", "Reply-To", "Content-Type"];

    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Dkim, "DKIM");
        List<HeaderField> fields = [.. evidence.Headers.All("DKIM-Signature")];
        if (fields.Count == 0)
        {
            topic.Add(SampleSeverity.Critical, "none", "The mail carries no DKIM signature. Switch on signing in the program that sends it, with the domain of From as d= and an RSA key of 2048 bits.", "RFC 6376 §3.5");
            return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
        }

        foreach (DkimResult result in evidence.Dkim)
            Judge(topic, evidence, result, result.Index < fields.Count ? fields[result.Index] : null);
        if (evidence.Valid.Any() && evidence.AuthorDomain is { } author && !evidence.Valid.Any(d => d.Domain is { } domain && SharesDomain(domain, author)))
            topic.Add(SampleSeverity.Info, "foreign", $"No valid signature is by {author.Ascii}, the domain of From. Have the mail signed with d={author.Ascii} as well, so that DMARC can pass by DKIM.", "RFC 9989 §4.4.1");
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic(Verdict(evidence)));
    }

    private static string Verdict(SampleEvidence evidence)
    {
        List<DkimResult> valid = [.. evidence.Valid];
        string signatures = evidence.Dkim.Count == 1 ? "1 signature" : $"{evidence.Dkim.Count} signatures";
        return valid.Count == 0
            ? $"{signatures}, none counts: {evidence.Dkim[0].Domain?.Ascii ?? "no domain"}: {evidence.Dkim[0].Reason}"
            : $"{signatures}, {(valid.Count == 1 ? "1 counts" : $"{valid.Count} count")}: {string.Join("; ", valid.Select(Name))}";
    }

    private static string Name(DkimResult result) => $"{result.Domain?.Ascii} ({result.Selector}, {Key(result)})";

    private static string Key(DkimResult result) =>
        result.Algorithm is DkimAlgorithm.Ed25519Sha256 ? "Ed25519" : result.KeyBits == 0 ? result.Algorithm ?? "no algorithm" : string.Create(CultureInfo.InvariantCulture, $"RSA {result.KeyBits}");

    private static void Judge(SampleTopicWriter topic, SampleEvidence evidence, DkimResult result, HeaderField? field)
    {
        ByteRange[] range = field is null ? [] : [SampleEvidence.RangeOf(field)];
        string signature = $"The signature of {result.Domain?.Ascii ?? "no readable domain"} ({result.Selector ?? "no selector"})";
        if (result.Status != DkimStatus.Pass)
        {
            (SampleSeverity severity, string advice, string rfc) = DkimAdvice.For(result);
            // RFC 6376 §6.1: one that fails does not hurt another one that verifies.
            if (severity == SampleSeverity.Critical && evidence.Valid.Any())
                severity = SampleSeverity.Warning;
            (string? cause, ByteRange? place) = DkimAdvice.CauseOf(evidence.Message, result, evidence.Scope == SampleScope.MailAlone);
            topic.Add(severity, DkimAdvice.CodeOf(result.Problem), $"{signature} does not count: {result.Reason}. {cause ?? advice}", rfc, place is null ? range : [.. range, place], cause is null ? Facts(result) : Facts(result).Prepend(advice));
            if (result.Status != DkimStatus.Policy)
                return;
        }
        else if (result.Testing)
        {
            topic.Add(SampleSeverity.Warning, "testing", $"{signature} verifies, but its key says t=y (test), so receivers treat the mail as unsigned. Take t=y out of the TXT record {result.Selector}._domainkey.{result.Domain?.Ascii}.", "RFC 6376 §3.6.1", range, Facts(result));
        }
        else
        {
            topic.Add(SampleSeverity.Ok, "pass", $"{signature} verifies.", "RFC 6376 §6.1", range, Facts(result));
        }

        JudgeKey(topic, result, range, signature);
        JudgeLimits(topic, evidence, result, range, signature);
        JudgeCoverage(topic, evidence, result, range, signature);
    }

    private static void JudgeKey(SampleTopicWriter topic, DkimResult result, ByteRange[] range, string signature)
    {
        if (result.Algorithm is DkimAlgorithm.RsaSha256 && result.KeyBits is > 0 and < GoodRsaBits)
            topic.Add(SampleSeverity.Warning, "short_key", string.Create(CultureInfo.InvariantCulture, $"{signature} is made with an RSA key of {result.KeyBits} bits. Make a key of {GoodRsaBits} bits under a new selector and change over to it."), "RFC 8301 §3.2", range);
    }

    private static void JudgeLimits(SampleTopicWriter topic, SampleEvidence evidence, DkimResult result, ByteRange[] range, string signature)
    {
        if (result.BodyLength is { } length)
        {
            string of = result.CanonicalBodyLength is { } all ? string.Create(CultureInfo.InvariantCulture, $"{length} of {all}") : string.Create(CultureInfo.InvariantCulture, $"{length}");
            topic.Add(SampleSeverity.Warning, "body_length", $"{signature} says l=: it covers {of} octets of the body, and anybody may add more. Take l= out of the signer's settings.", "RFC 6376 §8.2", range);
        }

        if (result.ExpiresAt is { } expires && result.Status == DkimStatus.Pass && expires - evidence.ArrivedAt < TimeSpan.FromDays(1))
            topic.Add(SampleSeverity.Warning, "expires_soon", $"{signature} ends at {expires.UtcDateTime:yyyy-MM-dd HH:mm} UTC, less than a day after the mail. Delivery may take five days: give x= a week or leave it out.", "RFC 6376 §3.5", range);
        if (result.BareLineFeeds)
            topic.Add(SampleSeverity.Info, "bare_lf", $"The mail came with bare LF line ends and was hashed with CRLF for {signature[0..1].ToLowerInvariant()}{signature[1..]}. That is how files are kept; on the wire it must be CRLF.", "RFC 6376 §5.3");
    }

    private static void JudgeCoverage(SampleTopicWriter topic, SampleEvidence evidence, DkimResult result, ByteRange[] range, string signature)
    {
        List<string> missing = [.. Important.Where(name => evidence.Headers.Count(name) > 0 && !Lists(result, name))];
        if (missing.Count > 0)
            topic.Add(SampleSeverity.Warning, "uncovered", $"{signature} does not cover {string.Join(", ", missing)}: these can be changed on the way. Add them to h=.", "RFC 6376 §5.4.1", [.. range, .. missing.SelectMany(evidence.RangesOf)], fix: new CopyText("text", "h=", string.Join(':', result.SignedFields.Concat(missing))));
        if (result.UnsignedDuplicates.Count > 0)
            topic.Add(SampleSeverity.Critical, "unsigned_duplicates", $"{string.Join(", ", result.UnsignedDuplicates)} stands in the mail more often than h= lists it: the topmost is not signed, and people see that one. Send each once.", "RFC 6376 §8.15", [.. range, .. result.UnsignedDuplicates.SelectMany(evidence.RangesOf)]);
        List<string> addable = [.. Oversigned.Where(name => Listed(result, name) <= evidence.Headers.Count(name) && Lists(result, name))];
        if (result.Status == DkimStatus.Pass && addable.Count > 0)
            topic.Add(SampleSeverity.Info, "not_oversigned", $"{signature} would still verify if a second {addable[0]} were added on top. List {string.Join(", ", addable)} once more in h= than the mail has them.", "RFC 6376 §8.15", fix: new CopyText("text", "h=", string.Join(':', result.SignedFields.Concat(addable))));
    }

    private static bool Lists(DkimResult result, string name) => Listed(result, name) > 0;

    private static int Listed(DkimResult result, string name) => result.SignedFields.Count(f => f.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static bool SharesDomain(Fbl.Names.DomainName signer, Fbl.Names.DomainName author) => signer.IsEqualOrSubdomainOf(author) || author.IsSubdomainOf(signer);

    private static IEnumerable<string> Facts(DkimResult result)
    {
        yield return $"d={result.Domain?.Ascii}, s={result.Selector}, a={result.Algorithm}, i={result.Identity}";
        if (result.KeyBits > 0)
            yield return $"key: {Key(result)}, TXT record {result.Selector}._domainkey.{result.Domain?.Ascii}";
        if (result.CanonicalBodyLength is { } length)
            yield return string.Create(CultureInfo.InvariantCulture, $"canonical body: {length} octets");
        if (result.SignedAt is { } signed)
            yield return $"signed {signed.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC{(result.ExpiresAt is { } end ? $", ends {end.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC" : "")}";
        if (result.SignedFields.Count > 0)
            yield return "h=" + string.Join(':', result.SignedFields);
    }
}
