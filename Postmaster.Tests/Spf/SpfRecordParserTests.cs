using System.Text;
using Postmaster.Fbl.Spf;

namespace Postmaster.Tests.Spf;

public sealed class SpfRecordParserTests
{
    [Fact]
    public void Good_records_are_read()
    {
        Good("v=spf1"); // no terms at all
        Good("V=SPF1 ALL"); // everything is case-insensitive
        Good("v=spf1   a  mx   -all  "); // any number of spaces, trailing ones too
        Good("v=spf1 +a ?mx ~ptr -exists:x.example.org ip4:192.0.2.0/24 ip6:2001:db8::/32 include:example.net -all");
        Good("v=spf1 a/0 a/32 a//0 a//128 a/24//64 a:example.org/24//64 mx//64");
        Good("v=spf1 ip4:0.0.0.0/0 ip6:::/0 ip6:::ffff:192.0.2.1");
        Good("v=spf1 a:_spf.example.org. exists:%{ir}.%{v}.example.org"); // a dot at the end, underscores
        Good("v=spf1 a:%{d} a:x%%%_%-y.example exists:%{l1r-}%{o255R.-+,/_=}"); // macros may be the end
        Good("v=spf1 a:slash/24.and:colon.example"); // visible characters may stand in a domain
        Good("v=spf1 a:example.xn--p1ai a:example.a-1 a:example.1-2 a:example.1a"); // top labels
        Good("v=spf1 redirect=example.net exp=why.example.net unknown.modi-fier_1=any/thing:%{c}%{r}%{t}"); // known letters anywhere there
        Good("v=spf1 redirect=example.net -all"); // of no effect
        Good("v=spf1 unknown="); // an empty macro-string
    }

    [Fact]
    public void Errors_are_found_anywhere_in_the_record()
    {
        Bad("v=spf1 -all moo", SpfProblem.UnknownMechanism, 12); // behind all
        Bad("v=spf1 -all.", SpfProblem.UnknownMechanism); // a name may hold dots
        Bad("v=spf1 moo:x", SpfProblem.UnknownMechanism);
        Bad("v=spf1 redirect:example.net", SpfProblem.UnknownMechanism); // a modifier has an equals sign
        Bad("v=spf1 -redirect=example.net", SpfProblem.BadTerm); // and no qualifier
        Bad("v=spf1 -", SpfProblem.BadTerm);
        Bad("v=spf1 =all", SpfProblem.BadTerm);
        Bad("v=spf1 1up=x", SpfProblem.BadTerm); // names begin with a letter
        Bad("v=spf1 --all", SpfProblem.BadTerm);
        Bad("v=spf1 a@example.org", SpfProblem.BadTerm);
        Bad("v=spf1 all:x", SpfProblem.UnexpectedArgument);
        Bad("v=spf1 all/8", SpfProblem.UnexpectedArgument);
        Bad("v=spf1 ptr/24", SpfProblem.UnexpectedArgument);
        Bad("v=spf1 include", SpfProblem.ArgumentMissing);
        Bad("v=spf1 exists", SpfProblem.ArgumentMissing);
        Bad("v=spf1 ip4", SpfProblem.ArgumentMissing);
        Bad("v=spf1 ip6:", SpfProblem.ArgumentMissing);
        Bad("v=spf1\ta", SpfProblem.UnknownMechanism, parse: false); // not even a record: the version must be followed by a space
        Bad("v=spf1 a\tmx", SpfProblem.BadCharacter); // spaces alone part terms
        Bad("v=spf1 a:é.example", SpfProblem.BadCharacter);
        Bad("v=spf1 a\0", SpfProblem.BadCharacter);
    }

    [Fact]
    public void Networks_and_prefix_lengths_are_held_to_their_grammar()
    {
        Bad("v=spf1 ip4:192.0.2", SpfProblem.BadIp4); // four numbers
        Bad("v=spf1 ip4:192.0.2.01", SpfProblem.BadIp4); // no leading zeros
        Bad("v=spf1 ip4:192.0.2.256", SpfProblem.BadIp4);
        Bad("v=spf1 ip4:192.0.2.1:25", SpfProblem.BadIp4); // no port
        Bad("v=spf1 ip4:2001:db8::1", SpfProblem.BadIp4);
        Bad("v=spf1 ip4:example.org", SpfProblem.BadIp4);
        Bad("v=spf1 ip4:192.0.2.1/33", SpfProblem.BadPrefixLength);
        Bad("v=spf1 ip4:192.0.2.1/08", SpfProblem.BadPrefixLength);
        Bad("v=spf1 ip4:192.0.2.1/", SpfProblem.BadPrefixLength);
        Bad("v=spf1 ip4:192.0.2.1//32", SpfProblem.BadPrefixLength); // no dual length
        Bad("v=spf1 ip6:192.0.2.1", SpfProblem.BadIp6);
        Bad("v=spf1 ip6:2001:db8:::1", SpfProblem.BadIp6);
        Bad("v=spf1 ip6:[2001:db8::1]", SpfProblem.BadIp6);
        Bad("v=spf1 ip6:fe80::1%eth0", SpfProblem.BadIp6);
        Bad("v=spf1 ip6:2001:db8::/129", SpfProblem.BadPrefixLength);
        Bad("v=spf1 a/33", SpfProblem.BadPrefixLength);
        Bad("v=spf1 a//129", SpfProblem.BadPrefixLength);
        Bad("v=spf1 a/024", SpfProblem.BadPrefixLength);
        Bad("v=spf1 a/99999999999", SpfProblem.BadPrefixLength);
        Bad("v=spf1 a/24/64", SpfProblem.BadPrefixLength); // the second has two slashes
        Bad("v=spf1 a/", SpfProblem.BadPrefixLength);
        Bad("v=spf1 mx///64", SpfProblem.BadPrefixLength);
    }

    [Fact]
    public void Domains_end_in_a_macro_or_a_top_label()
    {
        Bad("v=spf1 a:", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:localhost", SpfProblem.BadDomainSpec); // two labels at least
        Bad("v=spf1 a:localhost.", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:example.123", SpfProblem.BadDomainSpec); // not all digits
        Bad("v=spf1 a:example.-org", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:example.org-", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:example.o_g", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:example.org:25", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:example.org..", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:%{d}org", SpfProblem.BadDomainSpec); // the top label has its own dot
        Bad("v=spf1 a:%{d.}org", SpfProblem.BadDomainSpec); // which is not the one in the braces
        Bad("v=spf1 include:example.org/24", SpfProblem.BadDomainSpec);
        Bad("v=spf1 exp= -all", SpfProblem.BadDomainSpec);
        Bad("v=spf1 redirect=-all ?all", SpfProblem.BadDomainSpec);
        Bad("v=spf1 a:192.0.2.1", SpfProblem.AddressAsDomain); // a frequent slip with a name of its own
        Bad("v=spf1 mx:192.0.2.1/24", SpfProblem.AddressAsDomain);
    }

    [Fact]
    public void Macros_are_held_to_their_grammar()
    {
        Bad("v=spf1 a:%x.example", SpfProblem.BadMacro);
        Bad("v=spf1 a:example.org%", SpfProblem.BadMacro);
        Bad("v=spf1 a:%{", SpfProblem.BadMacro);
        Bad("v=spf1 a:%{d", SpfProblem.BadMacro);
        Bad("v=spf1 a:%{}", SpfProblem.BadMacro);
        Bad("v=spf1 a:%(d)", SpfProblem.BadMacro);
        Bad("v=spf1 a:%{a}", SpfProblem.BadMacro); // no such letter
        Bad("v=spf1 a:%{d0}", SpfProblem.BadMacro); // zero parts
        Bad("v=spf1 a:%{dr2}", SpfProblem.BadMacro); // the number comes first
        Bad("v=spf1 a:%{d;}", SpfProblem.BadMacro); // no such delimiter
        Bad("v=spf1 exp=%{c}.example", SpfProblem.BadMacro); // c, r and t only in the text that exp= leads to
        Bad("v=spf1 unknown=%", SpfProblem.BadMacro); // also where nobody knows what it means
    }

    [Fact]
    public void Known_modifiers_stand_once()
    {
        Bad("v=spf1 redirect=a.example redirect=a.example", SpfProblem.RepeatedModifier);
        Bad("v=spf1 exp=a.example -all EXP=b.example", SpfProblem.RepeatedModifier);
        Good("v=spf1 other=a other=b");
    }

    [Fact]
    public void An_endless_record_is_refused()
        => Bad("v=spf1" + string.Concat(Enumerable.Repeat(" a", SpfRecordParser.MaxRecordOctets)), SpfProblem.RecordTooLong, SpfRecordParser.MaxRecordOctets);

    [Fact]
    public void A_record_is_known_by_its_version()
    {
        Assert.True(SpfRecordParser.IsRecord("v=spf1"u8));
        Assert.True(SpfRecordParser.IsRecord("V=sPf1 "u8));
        Assert.False(SpfRecordParser.IsRecord("v=spf10"u8));
        Assert.False(SpfRecordParser.IsRecord("v=spf1;a"u8));
        Assert.False(SpfRecordParser.IsRecord(" v=spf1"u8));
        Assert.False(SpfRecordParser.IsRecord("v=spf"u8));
        Assert.False(SpfRecordParser.IsRecord("v=spf2.0/pra a"u8));
    }

    [Fact]
    public void What_was_read_is_there_to_be_shown()
    {
        Assert.True(SpfRecordParser.TryParse("v=spf1 ~a:example.net/24//64 ip6:2001:db8::/32 redirect=%{d1}.example exp=x.example", out var record, out _));
        Assert.Equal(["~a:example.net/24//64", "ip6:2001:db8::/32"], record.Directives.Select(d => d.Text));
        Assert.Equal((SpfQualifier.SoftFail, SpfMechanism.A, "example.net", 24, 64), Described(record.Directives[0]));
        Assert.Equal(("2001:db8::/32", true), (record.Directives[1].Network.ToString(), record.Directives[1].Qualifier == SpfQualifier.Pass));
        Assert.Equal(("%{d1}.example", "x.example"), (record.Redirect?.Text, record.Explanation?.Text));
        Assert.Equal((false, true), (record.Redirect?.IsConstant, record.Explanation?.IsConstant));
    }

    private static (SpfQualifier, SpfMechanism, string?, int, int) Described(SpfDirective directive)
        => (directive.Qualifier, directive.Mechanism, directive.Target?.Text, directive.Ip4PrefixLength, directive.Ip6PrefixLength);

    private static void Good(string text) => Assert.True(SpfRecordParser.TryParse(text, out _, out var error), $"{text}: {error}");

    private static void Bad(string text, SpfProblem problem, int? offset = null, bool parse = true)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        Assert.Equal(parse, SpfRecordParser.IsRecord(octets));
        if (!parse)
            return;
        Assert.False(SpfRecordParser.TryParse(octets, out _, out var error), text);
        Assert.Equal((text, problem), (text, error.Problem));
        if (offset is not null)
            Assert.Equal(offset, error.Offset);
    }
}
