using Postmaster.Fbl.Arc;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Dkim;
using static Postmaster.Tests.Arc.ArcKit;

namespace Postmaster.Tests.Arc;

public sealed class ArcVerifierTests
{
    private static readonly string One = Seal(DkimKit.Message, 1);
    private static readonly string Two = Seal(One, 2);
    private static readonly string Three = Seal(Two, 3);

    [Fact]
    public async Task A_message_without_a_chain_is_none() => await ExpectAsync(ArcStatus.None, ArcProblem.None, DkimKit.Sign());

    [Fact]
    public async Task Whole_chains_pass_as_CRLF_and_LF()
    {
        foreach (var message in (string[])[One, Two, Three])
        {
            await ExpectAsync(ArcStatus.Pass, ArcProblem.None, message);
            await ExpectAsync(ArcStatus.Pass, ArcProblem.None, DkimKit.WithLf(message));
        }
        await ExpectAsync(ArcStatus.Pass, ArcProblem.None, Seal(One, new Sealing(2) { Key = DkimKit.Ed25519, Canonicalization = "simple/simple" }));
    }

    [Fact]
    public async Task The_result_tells_each_set()
    {
        var result = await VerifyAsync(Two);
        Assert.Equal([1, 2], result.Sets.Select(set => set.Instance));
        Assert.Equal([ArcStatus.None, ArcStatus.Pass], result.Sets.Select(set => set.ChainStatus!.Value));
        Assert.All(result.Sets, set => Assert.Equal(("example.org", "s1"), (set.Sealer!.Ascii, set.Selector)));
        Assert.Equal("lists.example.net;\tdkim=pass header.d=example.org", result.Sets[0].Claim);
        Assert.StartsWith("ARC-Authentication-Results:", Two[result.Sets[0].Offsets[0]..], StringComparison.Ordinal);
        Assert.Equal(0, result.OldestPass);
    }

    [Fact]
    public async Task A_change_between_two_seals_leaves_the_chain_whole_and_moves_the_oldest_pass()
    {
        var changed = Two.Replace("see you.", "see you.\r\nlist footer", StringComparison.Ordinal);
        var result = await VerifyAsync(Seal(changed, 3));
        Assert.Equal((ArcStatus.Pass, 3), (result.Status, result.OldestPass));
        Assert.Equal([ArcProblem.BodyHash, ArcProblem.BodyHash, ArcProblem.None], result.Sets.Select(set => set.MessageSignature));
    }

    [Fact]
    public async Task A_change_after_the_newest_seal_fails()
    {
        await ExpectAsync(ArcStatus.Fail, ArcProblem.BodyHash, Two + "footer\r\n");
        await ExpectAsync(ArcStatus.Fail, ArcProblem.MessageSignature, Two.Replace("The  meeting", "[list] The  meeting", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_claim_breaks_the_seals_from_there_on()
    {
        var at = Three.LastIndexOf("dkim=pass", StringComparison.Ordinal);
        var result = await VerifyAsync(Three[..at] + "dkim=fail" + Three[(at + 9)..]); // of the oldest set
        Assert.Equal((ArcStatus.Fail, ArcProblem.SealSignature), (result.Status, result.Problem));
        Assert.Equal([ArcProblem.SealSignature, ArcProblem.SealSignature, ArcProblem.SealSignature], result.Sets.Select(set => set.Seal));
        Assert.Contains("i=3", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "pass", ArcProblem.ChainStatusWrong)] // the first seal has seen no chain
    [InlineData(2, "none", ArcProblem.ChainStatusWrong)]
    [InlineData(2, "maybe", ArcProblem.ChainStatusWrong)]
    [InlineData(2, "fail", ArcProblem.SealSaysFail)]
    public async Task The_chain_status_has_to_fit_its_place(int instance, string chainStatus, ArcProblem problem) =>
        await ExpectAsync(ArcStatus.Fail, problem, Seal(instance == 1 ? DkimKit.Message : One, new Sealing(instance) { ChainStatus = chainStatus }));

    [Fact]
    public async Task The_structure_has_to_be_whole()
    {
        await ExpectAsync(ArcStatus.Fail, ArcProblem.FieldMissing, Two.Replace(Field(Two, "ARC-Message-Signature", 1), "", StringComparison.Ordinal));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.FieldMissing, Two.Replace(Field(Two, "ARC-Seal", 2), "", StringComparison.Ordinal));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.FieldRepeated, Field(Two, "ARC-Seal", 2) + Two);
        await ExpectAsync(ArcStatus.Fail, ArcProblem.InstanceMissing, WithoutSet(Three, 2));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.InstanceUnreadable, Two.Replace("ARC-Seal: i=2", "ARC-Seal: i=x", StringComparison.Ordinal));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.InstanceUnreadable, Two.Replace("ARC-Seal: i=2", "ARC-Seal: i=0", StringComparison.Ordinal));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.InstanceUnreadable, Two.Replace("Results: i=2;", "Results: ", StringComparison.Ordinal));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.TooManyFields, Two.Replace("ARC-Seal: i=2", "ARC-Seal: i=51", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_seal_must_not_choose_what_it_covers()
    {
        await ExpectAsync(ArcStatus.Fail, ArcProblem.SealHasSignedFields, Seal(DkimKit.Message, new Sealing(1) { ChainStatus = "none", SealTags = " h=From;" }));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.MessageSignatureCoversSeal, Seal(DkimKit.Message, new Sealing(1) { ChainStatus = "none", SignedFields = "From:ARC-Seal" }));
    }

    [Fact]
    public async Task Failures_of_keys_are_final()
    {
        await ExpectAsync(ArcStatus.Fail, ArcProblem.Key, One, DkimKit.ZoneOf());
        await ExpectAsync(ArcStatus.Fail, ArcProblem.Key, One, DkimKit.ZoneOf("v=DKIM1; p="));
        await ExpectAsync(ArcStatus.Fail, ArcProblem.KeyLookup, One, DkimKit.Zone().Fail(DkimKit.KeyName, Fbl.Dns.DnsStatus.Timeout));
    }

    [Fact]
    public async Task The_fiftieth_set_is_the_last()
    {
        var message = DkimKit.Message;
        for (var i = 1; i <= 50; i++)
            message = Seal(message, i);
        await ExpectAsync(ArcStatus.Pass, ArcProblem.None, message);
        await ExpectAsync(ArcStatus.Fail, ArcProblem.TooManyFields, Seal(message, 51));
    }

    [Fact]
    public async Task A_chain_cut_anywhere_never_passes()
    {
        var octets = DkimKit.Octets(Two);
        var verifier = new ArcVerifier(DkimKit.Zone());
        for (var cut = 0; cut < Two.IndexOf("From:", StringComparison.Ordinal); cut += 7)
            Assert.NotEqual(ArcStatus.Pass, (await verifier.VerifyAsync(MessageReader.Read(octets.AsMemory(0, cut)), CancellationToken.None)).Status);
    }

    private static string WithoutSet(string message, int instance)
    {
        foreach (var name in (string[])["ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"])
            message = message.Replace(Field(message, name, instance), "", StringComparison.Ordinal);
        return message;
    }
}
