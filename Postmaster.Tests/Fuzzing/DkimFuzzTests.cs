using Postmaster.Fbl.Arc;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Arc;
using Postmaster.Tests.Dkim;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Fuzzing;

public sealed class DkimFuzzTests
{
    private static readonly string[] Tags =
    [
        "v=1;", "a=rsa-sha256;", "a=ed25519-sha256;", "c=relaxed/simple;", "d=example.org;", "s=s1;", "h=From:To;", "h=", "bh=", "b=", "l=", "l=5;", "t=1;", "x=9;", "i=@a.example.org;", "q=dns/txt;",
        "z=", ":", ";", "=", "/", "9", "99999999999999999999", "\r\n ", "\r\n", " ", "\t", "\0", "\u00FF", "AAAA", "from:", "DKIM-Signature: ",
    ];

    [Fact]
    public void Signature_fields() => new ParserFuzz
    {
        Seed = 6376,
        Samples = [FieldOf(DkimKit.Sign()), FieldOf(DkimKit.Sign(options: DkimKit.Plain with { BodyCanonicalization = DkimCanonicalization.Simple }, key: DkimKit.Ed25519))],
        Alphabet = Tags,
    }.Run(octets =>
    {
        foreach (var signature in (DkimSignature[])
            [
                DkimSignatureParser.Read(octets, 0, new DkimVerifierOptions()),
                DkimSignatureParser.ReadArcMessageSignature(octets, 1, new DkimVerifierOptions()),
                DkimSignatureParser.ReadArcSeal(octets, 1, new DkimVerifierOptions()),
            ])
        {
            Assert.True(Enum.IsDefined(signature.Problem));
            Assert.NotEmpty(DkimVerdict.Of(signature, signature.Problem).Reason);
            Assert.True(signature.SignedFields is null || signature.SignedFields.Count <= DkimSignatureParser.MaxSignedFields);
        }
    });

    [Fact]
    public void Key_records() => new ParserFuzz
    {
        Seed = 8301,
        Samples = [DkimKit.Rsa.PublicKeyRecord, DkimKit.Ed25519.PublicKeyRecord, "v=DKIM1; h=sha256; s=email:*; t=y:s; n=a note; p="],
        Alphabet = ["v=DKIM1;", "p=", "k=rsa;", "k=ed25519;", "h=sha1:sha256;", "s=*;", "t=s;", ";", "=", ":", "AAAA", "MIIB", "MEgCQQ", "==", " ", "\r\n ", "\0", "\u00FF", "g=;"],
    }.Run(octets => Assert.Equal(DkimRecordParser.TryParse(octets, out var read, out var problem), problem == DkimProblem.None && read is not null));

    [Fact]
    public void Signed_mails()
    {
        var verifier = new DkimVerifier(DkimKit.Zone());
        var lastVisible = DkimKit.Sign().AsSpan().LastIndexOfAnyExcept(" \r\n");
        new ParserFuzz
        {
            Seed = 8463,
            Samples = [DkimKit.Sign(DkimKit.Sign(key: DkimKit.Ed25519))],
            Alphabet = [.. Tags, "From: x@example.net\r\n", "DKIM-Signature: v=1; b=\r\n", "\r\n\r\n", " \r\n"],
            Rounds = 700,
            CutStep = 3,
            Allocation = (400, 256 * 1024),
        }.Run(octets =>
        {
            var results = ParserFuzz.Now(verifier.VerifyAsync(MessageReader.Read(octets), DkimKit.Now, CancellationToken.None));
            Assert.InRange(results.Count, 0, 17);
            foreach (var result in results)
                Assert.True(Enum.IsDefined(result.Problem) && result.Reason.Length > 0 && (result.Status != DkimStatus.Pass || octets.Length > lastVisible / 2));
        });
    }

    [Fact]
    public void Sealed_mails()
    {
        var verifier = new ArcVerifier(DkimKit.Zone());
        var sealed1 = ArcKit.Seal(DkimKit.Message, 1);
        new ParserFuzz
        {
            Seed = 8617,
            Samples = [ArcKit.Seal(sealed1, 2)],
            Alphabet = [.. Tags, "ARC-Seal: ", "ARC-Seal: i=1; cv=none;\r\n", "ARC-Message-Signature: i=2;\r\n", "ARC-Authentication-Results: i=1; x\r\n", "i=1;", "i=51;", "cv=pass;", "cv=fail;"],
            Rounds = 700,
            CutStep = 3,
            Allocation = (400, 256 * 1024),
        }.Run(octets =>
        {
            var result = ParserFuzz.Now(verifier.VerifyAsync(MessageReader.Read(octets), CancellationToken.None));
            Assert.True(Enum.IsDefined(result.Problem));
            Assert.InRange(result.Sets.Count, 0, 50);
        });
    }

    [Fact]
    public void Mails_whose_failure_is_explained()
    {
        var verifier = new DkimVerifier(DkimKit.Zone());
        new ParserFuzz
        {
            Seed = 6377,
            Samples = [DkimKit.Sign(), DkimKit.Sign("Content-Type: multipart/mixed; boundary=b\r\n" + DkimKit.Message + "--b\r\n\r\nan =E4 <a>\r\n--b--\r\n", key: DkimKit.Ed25519)],
            Alphabet = ["\r\n", "\n", " ", "-- \r\n", "--b\r\n", ".", "=", "=3D", "\0", "F", ">From ", "<html>", "\u00E4", "Subject: [list] x\r\n", "<a href=x>"],
            Rounds = 60,
            CutStep = 40,
            FloodLength = 4 * 1024,
            Allocation = (4 * 1024, 16 * 1024 * 1024), // it tries some hundred changes of the whole mail
        }.Run(octets =>
        {
            var message = MessageReader.Read(octets);
            foreach (var result in ParserFuzz.Now(verifier.VerifyAsync(message, DkimKit.Now, CancellationToken.None)))
            {
                var body = BodyHashDiagnosis.Of(message, result);
                Assert.Equal(result.Problem == DkimProblem.BodyHashMismatch, body is not null);
                Assert.InRange(body?.HashedOctets ?? 0, 0, BodyHashTrial.MaxHashedOctets);
                Assert.NotEqual("", SignatureDiagnosis.Of(message, result)?.Text);
            }
        });
    }

    private static string FieldOf(string signed) => signed[..signed.IndexOf("\r\nFrom:", StringComparison.Ordinal)] + "\r\n";
}
