using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;
using Postmaster.Web.Features.Complaints.Archive;

namespace Postmaster.Tests.Text;

/// <summary>Text from outside that no library normalizes.</summary>
public sealed class NormalTextTests
{
    [Fact]
    public void What_cannot_be_normalized_becomes_the_replacement_character()
    {
        // Not in attributes: they cannot hold half a pair.
        foreach (var (text, normal) in new[] { ("e\u0301", "\u00E9"), ("a\uFFFEb", "a\uFFFDb"), ("a\uD83Db", "a\uFFFDb"), ("a\uDE00", "a\uFFFD"), ("\uD83D\uDE00\uFFFF", "\uD83D\uDE00\uFFFF") })
            Assert.Equal(normal, NormalText.Of(text, NormalizationForm.FormC));
    }

    [Fact]
    public void An_address_and_a_subject_with_such_a_character_are_read_as_others_are()
    {
        var key = RedactionKey.ForOwner(new byte[32], "owner-1");
        var redacted = Redactor.Redact(MessageReader.Read("To: annab\uFFFEc@mail.example\r\n\r\nHi annab\uFFFEc@mail.example\r\n"u8.ToArray()), MailAddress.Parse("annab\uFFFEc@mail.example"), key, RedactionMode.Recipient);
        Assert.DoesNotContain("annab", Encoding.UTF8.GetString(redacted), StringComparison.Ordinal);
        Assert.Contains("spring", ArchiveText.Words("Spring \uFFFE sale"), StringComparer.Ordinal);
    }
}
