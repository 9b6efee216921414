using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dkim;

/// <summary>One thousand mails judged by Debian's dkimpy and by us. Where the two differ, the list says why ours is right.</summary>
public sealed class DifferentialTests
{
    private const int Mails = 1000;

    private const int Seed = 6376;

    private const string Script = """
        import base64, json, logging, sys, time
        import dkim

        logging.disable(logging.CRITICAL)
        job = json.load(sys.stdin)
        keys = {name.encode(): value.encode() for name, value in job["keys"].items()}
        time.time = lambda: job["now"]

        def verdict(message, index):
            try:
                return "pass" if dkim.DKIM(message).verify(idx=index, dnsfunc=lambda name, timeout=5: keys.get(name.rstrip(b".").lower())) else "fail"
            except Exception as e:
                return "fail: " + repr(e)

        out = []
        for mail in job["mails"]:
            message = base64.b64decode(mail["message"])
            out.append([verdict(message, i) for i in range(mail["signatures"])])
        json.dump(out, sys.stdout)
        """;

    /// <summary>How the mail was made, what we say of it, and the rule that dkimpy does not follow.</summary>
    private static readonly (string Kind, DkimProblem Ours, string Rule)[] Differences =
    [
        ("a method of asking that is unknown beside the known one", DkimProblem.None, "RFC 6376 §3.5: q= is a list, and unknown entries in it are passed over"),
        ("rsa-sha1", DkimProblem.WeakAlgorithm, "RFC 8301 §3.1: rsa-sha1 must not be used to verify"),
        ("From is not signed", DkimProblem.FromNotSigned, "RFC 6376 §5.4, §6.1.1: a signature that does not cover From is no signature"),
        ("expired an hour ago", DkimProblem.Expired, "RFC 6376 §3.5, §6.1.1: x= has passed; dkimpy grants ten hours of its own"),
        ("expires before it was signed", DkimProblem.ExpiresBeforeSigned, "RFC 6376 §3.5: x= must be greater than t="),
        ("i= without an at sign", DkimProblem.SignatureSyntax, "RFC 6376 §3.5: i= has an at sign before the domain"),
        ("i= of a subdomain, which the key forbids", DkimProblem.SubdomainNotAllowed, "RFC 6376 §3.6.1: t=s wants the domain of i= to be that of d="),
        ("a key for sha1 only", DkimProblem.HashNotAllowed, "RFC 6376 §3.6.1, §6.1.2: h= of the key has to list the hash that was used"),
        ("a key for several services", DkimProblem.None, "RFC 6376 §3.6.1: s= is a list, and email is in it"),
        ("a key whose v= is not first", DkimProblem.KeySyntax, "RFC 6376 §3.6.1: v= must be the first tag of the record"),
        ("l= beyond the body", DkimProblem.BodyShorterThanSigned, "RFC 6376 §3.5: l= must not be larger than the canonical body"),
        ("white space before the colon of Date", DkimProblem.None, "RFC 5322 §4.5: the old form of a field is to be read; RFC 6376 §3.4.1 hashes it as it is"),
    ];

    [NeedsFact("dkimverify")]
    public async Task Dkimpy_and_we_agree_on_a_thousand_mails_but_for_the_differences_that_are_listed()
    {
        using var corpus = new MailCorpus(Seed);
        var mails = corpus.Make(Mails).ToList();
        var theirs = await Python.RunAsync(Script, new
        {
            keys = corpus.Keys,
            now = MailCorpus.Now.ToUnixTimeSeconds(),
            mails = mails.Select(mail => new { message = mail.Octets, signatures = mail.Signatures }),
        });

        var verifier = new DkimVerifier(corpus.Zone());
        var (unexpected, seen, passed) = (new List<string>(), new HashSet<(string, DkimProblem)>(), 0);
        for (var i = 0; i < Mails; i++)
        {
            var ours = await verifier.VerifyAsync(MessageReader.Read(mails[i].Octets), MailCorpus.Now, CancellationToken.None);
            Assert.Equal(mails[i].Signatures, ours.Count);
            foreach (var result in ours)
            {
                var their = theirs[i][result.Index].GetString()!;
                var pass = result.Status == DkimStatus.Pass;
                passed += pass ? 1 : 0;
                if (pass == (their is "pass"))
                    continue;
                if (Differences.Any(d => d.Kind.Equals(mails[i].Kind, StringComparison.Ordinal) && d.Ours == result.Problem))
                    seen.Add((mails[i].Kind, result.Problem));
                else
                    unexpected.Add($"{mails[i].Kind}: mail {i}, signature {result.Index}: dkimpy {their}; ours {result.Status} {result.Problem}");
            }
        }

        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
        Assert.Equal(Differences.Length, seen.Count); // none is listed that is not there
        Assert.InRange(passed, Mails * 7 / 10, int.MaxValue); // most mails are good, and found to be
    }

    [Fact]
    public async Task Mails_of_the_corpus_pass_as_signed_and_each_breakage_breaks_a_signature()
    {
        using var corpus = new MailCorpus(Seed + 1);
        var broken = MailOddities.Breakages.Select(b => b.Kind).ToHashSet(StringComparer.Ordinal);
        var kept = MailOddities.Keepings.Select(k => k.Kind).ToHashSet(StringComparer.Ordinal);
        var verifier = new DkimVerifier(corpus.Zone());
        foreach (var mail in corpus.Make(2 * 10 * MailOddities.Signatures.Count))
        {
            var results = await verifier.VerifyAsync(MessageReader.Read(mail.Octets), MailCorpus.Now, CancellationToken.None);
            if (mail.Kind is MailCorpus.AsSigned || kept.Contains(mail.Kind))
                Assert.All(results, result => Assert.Equal(DkimStatus.Pass, result.Status));
            else if (broken.Contains(mail.Kind))
                Assert.True(results.Any(result => result.Status != DkimStatus.Pass), mail.Kind);
        }
    }
}
