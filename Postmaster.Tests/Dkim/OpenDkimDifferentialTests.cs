using System.Globalization;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dkim;

/// <summary>One thousand mails judged by Debian's libopendkim and by us. Where the two differ, the list says why ours is right.</summary>
public sealed class OpenDkimDifferentialTests
{
    private const int Mails = 1000;

    private const int Seed = 8301;

    /// <summary>When it happens, and the rule that libopendkim does not follow.</summary>
    private static readonly (string Cause, Func<OpenDkimDifference, bool> Is, string Rule)[] Differences =
    [
        (
            "a simple body whose last line has no line end",
            d => d.Ours.Status == DkimStatus.Pass && d.Mail.Octets[^1] != '\n' && d.Words.EndsWith("another hash of the simple body", StringComparison.Ordinal),
            "RFC 6376 §3.4.3: a body without a CRLF at its end is hashed with one"),
        (
            "a folded field kept with LF alone",
            d => d.Ours.Status == DkimStatus.Pass && d.Mail.Kind is "kept with LF alone" or "the header kept with LF alone",
            "RFC 6376 §5.3: the lines of what is signed end in CRLF; libopendkim puts the CRs in and then cuts as many octets off the end of the field"),
        Made("the key as PKCS #1", DkimProblem.None, "RFC 6376 §3.6.1: p= of an RSA key is an RSAPublicKey"),
        Made("only an unknown method of asking", DkimProblem.UnsupportedQueryMethod, "RFC 6376 §3.5: unknown methods in q= are ignored, and then none is left by which the key could be asked for"),
        Made("a= in upper case", DkimProblem.UnsupportedAlgorithm, "RFC 6376 §3.2: values are compared with their case unless their description says otherwise, and that of a= does not"),
        Made("rsa-sha1", DkimProblem.WeakAlgorithm, "RFC 8301 §3.1: rsa-sha1 must not be used to verify"),
        Made("b= of other characters", DkimProblem.SignatureSyntax, "RFC 6376 §3.5, §6.1.1: b= is base64 with white space, and a field that breaks the syntax is ignored"),
        Made("a key whose v= is not first", DkimProblem.KeySyntax, "RFC 6376 §3.6.1: v= must be the first tag of the record"),
    ];

    [NeedsFact("gcc", "/usr/include/opendkim/dkim.h")]
    public async Task Libopendkim_and_we_agree_on_a_thousand_mails_but_for_the_differences_that_are_listed()
    {
        using var corpus = new MailCorpus(Seed);
        var mails = corpus.Make(Mails).ToList();
        var theirs = await JudgeAsync(corpus, mails);

        var verifier = new DkimVerifier(corpus.Zone());
        var (unexpected, seen, passed) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal), 0);
        for (var i = 0; i < Mails; i++)
        {
            var ours = await verifier.VerifyAsync(MessageReader.Read(mails[i].Octets), MailCorpus.Now, CancellationToken.None);
            Assert.Equal(mails[i].Signatures, ours.Count);
            foreach (var result in ours)
            {
                var (theirPass, words) = theirs.TryGetValue((i, result.Index), out var one) ? one : theirs[(i, null)];
                var pass = result.Status == DkimStatus.Pass;
                passed += pass ? 1 : 0;
                if (pass == theirPass)
                    continue;
                var difference = new OpenDkimDifference(mails[i], result, words);
                var known = Array.Find(Differences, d => d.Is(difference));
                if (known.Cause is not null)
                    seen.Add(known.Cause);
                else
                    unexpected.Add($"{mails[i].Kind}: mail {i}, signature {result.Index}: libopendkim {(theirPass ? "pass" : "fail")} ({words}); ours {result.Status} {result.Problem}");
            }
        }

        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
        Assert.Equal(Differences.Length, seen.Count); // none is listed that is not there
        Assert.InRange(passed, Mails * 7 / 10, int.MaxValue); // most mails are good, and found to be
    }

    /// <summary>A difference that comes with how the mail was made.</summary>
    private static (string Cause, Func<OpenDkimDifference, bool> Is, string Rule) Made(string kind, DkimProblem ours, string rule)
        => (kind, d => d.Mail.Kind.Equals(kind, StringComparison.Ordinal) && d.Ours.Problem == ours, rule);

    /// <summary>By mail and signature; without a signature where the whole mail was refused.</summary>
    private static async Task<Dictionary<(int Mail, int? Signature), (bool Pass, string Words)>> JudgeAsync(MailCorpus corpus, List<CorpusMail> mails)
    {
        using var judge = await CProgram.CompileAsync("Postmaster.Tests/Dkim/Peers/opendkim_verdicts.c", "-I/usr/include/opendkim", "-lopendkim");
        var folder = judge.Folder("mails");
        foreach (var (number, mail) in mails.Index())
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, number.ToString(CultureInfo.InvariantCulture)), mail.Octets);
        var keys = Path.Combine(judge.Folder("keys").FullName, "keys");
        await File.WriteAllLinesAsync(keys, corpus.Keys.Select(key => $"{key.Key} {key.Value}"));

        var output = await judge.RunAsync(folder.FullName, keys, MailCorpus.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 4)).ToDictionary(
            part => (int.Parse(part[0], CultureInfo.InvariantCulture), part[1] is "*" ? (int?)null : int.Parse(part[1], CultureInfo.InvariantCulture)),
            part => (part[2] is "pass", part[3]));
    }

    /// <param name="Words">Why libopendkim says what it says.</param>
    private sealed record OpenDkimDifference(CorpusMail Mail, DkimResult Ours, string Words);
}
