using System.Diagnostics;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Arf;

/// <summary>The key in its owner's hands.</summary>
public sealed class RedactionKeyTests
{
    private static readonly RedactionKey Key = RedactionKey.ForOwner(new byte[32], "owner-1");

    private static readonly string[] Addresses =
    [
        "ann.smith@mail.example", "Ann.Smith+Shop@MAIL.example", "o'brien@mail.example", "ann@b\u00FCcher.example", "j\u00F6rg@mail.example", "jo\u0308rg@mail.example", "\"ann smith\"@mail.example",
    ];

    /// <summary>What the docstring of the key says, and nothing else.</summary>
    private const string Script = """
        import base64, hashlib, hmac, sys, unicodedata
        key = base64.urlsafe_b64decode(sys.argv[1][6:] + "=")
        def pseudonym(address):
            local, domain = address.rsplit("@", 1)
            if local.startswith('"'):
                local = local[1:-1].replace("\\", "")
            domain = domain.encode("idna").decode()
            whole = unicodedata.normalize("NFC", (local + "@" + domain).lower())
            digest = hmac.new(key, whole.encode(), hashlib.sha256).digest()
            return base64.b32encode(digest[:10]).decode().lower()
        for address in sys.argv[2:]:
            print(pseudonym(address))
        """;

    [NeedsFact("python3")]
    public async Task Ten_lines_of_python_compute_the_same_pseudonyms_from_the_text_form()
    {
        var start = new ProcessStartInfo(RequiredPrograms.Find("python3") ?? "python3") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", Script, Key.ToText(), .. Addresses])
            start.ArgumentList.Add(argument);
        start.Environment["PYTHONUTF8"] = "1";
        using var python = Process.Start(start)!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();

        Assert.Equal(Addresses.Select(address => Key.Pseudonym(MailAddress.Parse(address))), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()));
    }

    [Fact]
    public void The_text_form_is_read_back_with_white_space_around_it()
    {
        Assert.StartsWith("pmrk1_", Key.ToText(), StringComparison.Ordinal);
        foreach (var text in new[] { Key.ToText(), $" \t{Key.ToText()}\r\n" })
        {
            Assert.True(RedactionKey.TryParse(text, out var read, out _));
            Assert.Equal(Key.Pseudonym(MailAddress.Parse(Addresses[0])), read.Pseudonym(MailAddress.Parse(Addresses[0])));
        }
    }

    [Fact]
    public void Anything_else_is_no_key()
    {
        var text = Key.ToText();
        foreach (var wrong in new[] { null, "", "pmrk1_", text[6..], "pmrk2_" + text[6..], text[..^1], text + "A", text[..20] + "*" + text[21..], text[..20] + " " + text[21..], text.ToUpperInvariant() })
        {
            Assert.False(RedactionKey.TryParse(wrong, out var key, out var problem));
            Assert.Null(key);
            Assert.Equal("not-a-redaction-key", problem.Code);
        }
    }
}
