using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Dkim;

/// <summary>Signed mails with one field changed: the diagnosis names the field.</summary>
public sealed class SignatureDiagnosisTests
{
    private const string Message = "From: Anna A. <anna@example.org>\r\nTo: bob@example.net, eve@example.net\r\nSubject: The meeting of Monday\r\n"
        + "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + "Content-Transfer-Encoding: 8bit\r\n\r\nHello\r\n";

    private static readonly DkimSignerOptions Relaxed = DkimKit.Plain with
    {
        SignedFields = ["From", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Received"],
    };

    private static readonly DkimSignerOptions Simple = Relaxed with { HeaderCanonicalization = DkimCanonicalization.Simple };

    [Theory]
    [InlineData("Subject: The", "Subject: [list] The", HeaderChange.SubjectPrefix, "Subject")]
    [InlineData("Subject: The", "Subject: ***SPAM*** The", HeaderChange.SubjectPrefix, "Subject")]
    [InlineData("Subject: The", "Subject: EXTERNAL:The", HeaderChange.SubjectPrefix, "Subject")]
    [InlineData("Anna A. <anna", "\"Anna A.\" <anna", HeaderChange.Rewritten, "From")]
    [InlineData("Message-ID: <", "Cc: eve@example.net\r\nMessage-ID: <", HeaderChange.FieldAdded, "Cc")]
    [InlineData("Message-ID: <", "Subject: another\r\nMessage-ID: <", HeaderChange.FieldMoved, "Subject")]
    [InlineData("bob@example.net, eve", "bob@example.net,eve", HeaderChange.WhiteSpace, "To")]
    [InlineData("MIME-Version: 1.0\r\n", "", HeaderChange.FieldRemoved, "MIME-Version")]
    [InlineData("MIME-Version: 1.0", "MIME-Version: 1.0 (by a hop)", HeaderChange.Rewritten, "MIME-Version")]
    [InlineData("charset=utf-8", "charset=\"utf-8\"", HeaderChange.Rewritten, "Content-Type")]
    [InlineData("Encoding: 8bit", "Encoding: quoted-printable", HeaderChange.Rewritten, "Content-Transfer-Encoding")]
    public async Task The_field_that_was_changed_is_named(string before, string after, HeaderChange change, string field)
    {
        foreach (var (key, options) in ((DkimPrivateKey, DkimSignerOptions)[])[(DkimKit.Rsa, Relaxed), (DkimKit.Ed25519, Relaxed), (DkimKit.Rsa, Simple)])
        {
            var changed = Replace(DkimKit.Sign(Message, options, key), before, after);
            foreach (var received in (string[])[changed, DkimKit.WithLf(changed)])
            {
                var diagnosis = await DiagnoseAsync(received);
                Assert.Equal((change, field, true), (diagnosis.Change, diagnosis.Field, diagnosis.Proven));
                if (diagnosis.Offset is { } offset)
                    Assert.StartsWith(field + ":", received.Substring(offset, diagnosis.Length), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("Subject: The meeting of Monday", "Subject: The meeting\r\n of Monday", "Subject")]
    [InlineData("Subject: The", "Subject:  The", "Subject")]
    [InlineData("To: bob@example.net, eve", "To: bob@example.net,\r\n\teve", "To")]
    public async Task Folding_of_a_simple_header_is_named(string before, string after, string field)
    {
        var diagnosis = await DiagnoseAsync(Replace(DkimKit.Sign(Message, Simple), before, after));
        Assert.Contains(diagnosis.Change, (HeaderChange[])[HeaderChange.WhiteSpace, HeaderChange.Rewritten]);
        Assert.Equal((field, true), (diagnosis.Field, diagnosis.Proven));
    }

    [Fact]
    public async Task A_key_that_does_not_belong_to_the_signature_is_named()
    {
        using var other = DkimPrivateKey.CreateRsa(2048);
        var diagnosis = await DiagnoseAsync(DkimKit.Sign(Message, Relaxed, other));
        Assert.Equal((HeaderChange.OtherKey, true), (diagnosis.Change, diagnosis.Proven));
    }

    [Fact]
    public async Task A_missing_field_that_cannot_be_guessed_is_likely_removed()
    {
        var diagnosis = await DiagnoseAsync(Replace(DkimKit.Sign(Message, Relaxed), "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\n", ""));
        Assert.Equal((HeaderChange.FieldRemoved, "Date", false), (diagnosis.Change, diagnosis.Field, diagnosis.Proven));
    }

    [Fact]
    public async Task What_no_single_change_explains_is_said_to_be_unknown()
    {
        var diagnosis = await DiagnoseAsync(Replace(DkimKit.Sign(Message, Relaxed), "The meeting", "Another meeting altogether and"));
        Assert.Equal((HeaderChange.Unknown, false), (diagnosis.Change, diagnosis.Proven));
    }

    [Fact]
    public async Task A_huge_header_is_tried_within_the_bound()
    {
        var many = string.Concat(Enumerable.Range(0, 200).Select(i => $"Received: {new string('(', 900)} {i}\r\n"));
        var options = Relaxed with { SignedFields = ["From", .. Enumerable.Repeat("Received", 200)] };
        var diagnosis = await DiagnoseAsync(DkimKit.Sign(many + Message, options).Replace("((( 7", "((( x", StringComparison.Ordinal));
        Assert.Equal(HeaderChange.Unknown, diagnosis.Change);
    }

    private static string Replace(string message, string before, string after)
    {
        Assert.Contains(before, message, StringComparison.Ordinal);
        return message.Replace(before, after, StringComparison.Ordinal);
    }

    private static async Task<SignatureDiagnosis> DiagnoseAsync(string message)
    {
        var diagnosis = SignatureDiagnosis.Of(MessageReader.Read(DkimKit.Octets(message)), await DkimKit.VerifyAsync(message));
        Assert.NotNull(diagnosis);
        Assert.NotEmpty(diagnosis.Text);
        return diagnosis;
    }
}
