using System.Text;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>One way to write a private address: as it is, in other octets, or turned so that people can still tell it.</summary>
internal sealed class AddressForm
{
    private readonly Func<string, string>? turn;
    private byte[]? pseudonym;

    private AddressForm(PrivateAddress owner, byte[] localPart, byte[][] domains, byte[] before, Func<string, string>? turn = null)
    {
        Before = before;
        Owner = owner;
        LocalPart = localPart;
        Domains = domains;
        this.turn = turn;
    }

    public PrivateAddress Owner { get; }

    /// <summary>In lower case, without quotes.</summary>
    public byte[] LocalPart { get; }

    /// <summary>In lower case: A-labels, and U-labels when they differ. Empty: none follows the local-part.</summary>
    public byte[][] Domains { get; }

    /// <summary>What stands before the local-part where the domain is first: "mail.example=" of SRS, "elpmaxe.liam@" from right to left. In lower case.</summary>
    public byte[] Before { get; }

    /// <summary>Turned round, so that only one who looks for it reads it.</summary>
    public bool IsTurned => turn is not null;

    /// <summary>What is written in place of the local-part.</summary>
    public byte[] PseudonymBy(RedactionKey key) => pseudonym ??= Turned(Owner.PseudonymBy(key));

    /// <summary>The same for another address of the mailbox, such as one with a "+tag".</summary>
    public byte[] Turned(string text) => Encoding.ASCII.GetBytes(turn is null ? text : turn(text));

    public static List<AddressForm> All(PrivateAddress owner, string localPart)
    {
        var domain = owner.Address.Domain;
        var ascii = Encoding.ASCII.GetBytes(domain.Ascii);
        var unicode = domain.Unicode.ToLowerInvariant();
        byte[][] domains = Ascii.IsValid(unicode) ? [ascii] : [ascii, .. Octets(unicode)];
        var forms = new List<AddressForm>(3);
        byte[] srs = [.. ascii, (byte)'='];
        if (!Ascii.IsValid(localPart))
        {
            forms.AddRange(Octets(localPart).Select(octets => new AddressForm(owner, octets, domains, srs)));
            return forms;
        }
        forms.Add(new AddressForm(owner, Encoding.ASCII.GetBytes(localPart), domains, srs));
        var rotated = Encoding.ASCII.GetBytes(Rotated(domain.Ascii));
        forms.Add(new AddressForm(owner, Encoding.ASCII.GetBytes(Rotated(localPart)), [rotated], [.. rotated, (byte)'='], Rotated));
        var reversed = Reversed(localPart);
        if (!string.Equals(reversed, localPart, StringComparison.Ordinal) || !owner.IsDistinctive)
            forms.Add(new AddressForm(owner, Encoding.ASCII.GetBytes(reversed), [], Encoding.ASCII.GetBytes(Reversed(domain.Ascii) + "@"), Reversed));
        return forms;
    }

    /// <summary>Case beyond ASCII is not folded while matching, so both are looked for; composed and decomposed, in UTF-8 and in Latin-1.</summary>
    private static IEnumerable<byte[]> Octets(string text)
    {
        var both = new[] { text, text.ToUpperInvariant() };
        var utf8 = both.SelectMany(one => new[] { NormalText.Of(one, NormalizationForm.FormC), NormalText.Of(one, NormalizationForm.FormD), one }).Select(Encoding.UTF8.GetBytes);
        var latin = both.Select(one => NormalText.Of(one, NormalizationForm.FormC)).Where(one => !one.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF')).Select(Encoding.Latin1.GetBytes);
        return utf8.Concat(latin).Select(Lowered).DistinctBy(Convert.ToHexString, StringComparer.Ordinal);
    }

    private static byte[] Lowered(byte[] octets)
    {
        foreach (ref var octet in octets.AsSpan())
        {
            if (octet is >= (byte)'A' and <= (byte)'Z')
                octet |= 0x20;
        }
        return octets;
    }

    /// <summary>ROT13, which hides addresses in scripts; letters only.</summary>
    private static string Rotated(string text) => string.Create(text.Length, text, static (output, input) =>
    {
        for (var i = 0; i < input.Length; i++)
            output[i] = input[i] is >= 'a' and <= 'z' ? (char)('a' + ((input[i] - 'a' + 13) % 26)) : input[i];
    });

    /// <summary>Written from right to left, as style sheets can show it.</summary>
    public static string Reversed(string text)
    {
        var letters = text.ToCharArray();
        Array.Reverse(letters);
        return new string(letters);
    }
}
