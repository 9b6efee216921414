using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Tests.Traffic;

/// <summary>Whose mail an event speaks of: the rules of Help/events.md, one line a case.</summary>
public sealed class AttributionTests
{
    private static readonly Guid Owner = Guid.NewGuid(), Rival = Guid.NewGuid();

    /// <param name="fields">Of the event; d=a,b stands for passing signatures, d!=a for a failed one, d=- for none.</param>
    /// <param name="counted">The domains in order of their names; ~ before one that it is not authenticated as.</param>
    [Theory]
    // Every passing d= gets the message.
    [InlineData("d=owner.example from=owner.example", "owner.example")]
    [InlineData("d=esp.example from=owner.example spf=pass mail=b@owner.example", "esp.example owner.example")]
    [InlineData("d=esp.example,owner.example from=owner.example", "esp.example owner.example")]
    [InlineData("d=owner.example", "owner.example")] // without an author domain too
    [InlineData("d!=owner.example", "")]
    // Once a domain, however many signatures.
    [InlineData("d=owner.example,owner.example from=owner.example", "owner.example")]
    [InlineData("d=mail.owner.example,news.owner.example from=owner.example", "owner.example")]
    [InlineData("d=OWNER.example.,owner.EXAMPLE from=Owner.Example", "owner.example")]
    // The nearest claimed domain at or above.
    [InlineData("d=a.b.owner.example", "owner.example")]
    [InlineData("d=x.shop.owner.example", "shop.owner.example")]
    [InlineData("d=x.split.two.example", "split.two.example two.example")] // one account split it off, the other did not
    [InlineData("d=mail.nobody.example from=nobody.example", "mail.nobody.example")] // nobody claims it: its own name
    // Nothing authenticates the author domain: its other page, never its reputation.
    [InlineData("d=- from=owner.example spf=fail mail=x@owner.example", "~owner.example")]
    [InlineData("d!=owner.example from=owner.example", "~owner.example")]
    [InlineData("d=esp.example from=owner.example", "esp.example ~owner.example")]
    [InlineData("d=- from=owner.example spf=pass mail=x@esp.example", "~owner.example")]
    [InlineData("from=owner.example", "~owner.example")]
    [InlineData("d=- from=nobody.example", "~nobody.example")]
    [InlineData("d=mail.owner.example from=owner.example dmarc=fail", "owner.example")] // of one claim: it has the message already
    // SPF alone, aligned.
    [InlineData("d=- from=owner.example spf=pass mail=x@bounce.owner.example", "owner.example")]
    [InlineData("d=- from=owner.example spf=pass mail=x@bounce.owner.example dmarc=fail", "~owner.example")] // strict by its policy
    [InlineData("d=- from=news.nobody.example spf=pass mail=x@mail.nobody.example dmarc=pass", "news.nobody.example")] // the feeder knows the organization
    [InlineData("d=- from=news.nobody.example spf=pass mail=x@mail.nobody.example", "~news.nobody.example")]
    [InlineData("d=- from=owner.example spf=softfail mail=x@owner.example", "~owner.example")]
    [InlineData("d=- from=owner.example spf=pass mail= helo=mx.owner.example", "owner.example")] // RFC 7208 §2.4
    [InlineData("d=nobody.example from=news.nobody.example dmarc=pass", "nobody.example")] // the aligned signature is the proof
    // Refused before the header came: the envelope domain, if SPF passed.
    [InlineData("spf=pass mail=x@owner.example", "owner.example")]
    [InlineData("spf=pass mail=x@bounce.owner.example helo=esp.example", "owner.example")]
    [InlineData("spf=fail mail=x@owner.example", "")]
    [InlineData("mail=x@owner.example", "")]
    [InlineData("spf=pass mail= helo=mx.owner.example", "owner.example")]
    [InlineData("spf=pass mail=<> helo=mx.owner.example", "owner.example")]
    [InlineData("spf=pass mail=<x@owner.example>", "owner.example")]
    [InlineData("d=- spf=pass mail=x@owner.example", "")] // the header was seen, and had no signature
    // What strangers write into a header is no name.
    [InlineData("d=- from=localhost", "")]
    [InlineData("d=- from=not..a.name", "")]
    [InlineData("d=- from=-bad-.example", "")]
    [InlineData("d=192.0.2.1 from=192.0.2.1", "")]
    [InlineData("d=com from=owner.com", "~owner.com")] // nobody signs for a registry
    [InlineData("d=bücher.example from=xn--bcher-kva.example", "xn--bcher-kva.example")]
    public void A_message_counts_for(string fields, string counted)
    {
        var directory = new StreamDirectory(Options.Create(new TrafficOptions()));
        directory.Use(new ClaimMap(
        [
            new ClaimInForce("owner.example", Owner, true), new ClaimInForce("shop.owner.example", Rival, true),
            new ClaimInForce("two.example", Owner, true), new ClaimInForce("two.example", Rival, true), new ClaimInForce("split.two.example", Owner, false),
        ]));
        Assert.Equal(counted, Counted(directory, fields));
    }

    [Fact]
    public void Signatures_lead_to_the_domain_that_they_passed_for()
    {
        var directory = new StreamDirectory(Options.Create(new TrafficOptions()));
        var attribution = new Attribution(directory);
        attribution.Read(Line("d=a.example,b.example,a.example from=a.example"));
        Assert.Equal([("a.example", 0b101u), ("b.example", 0b010u)], attribution.Domains.ToArray().Select(d => (d.Domain.Name, d.Signatures)));
        Assert.True(attribution is { DkimPassed: true, DkimAligned: true, SpfAligned: false });
    }

    [Fact]
    public void Domains_beyond_the_limit_are_one_and_count_a_message_once()
    {
        var directory = new StreamDirectory(Options.Create(new TrafficOptions { MaxDomains = 2 }));
        directory.Use(new ClaimMap([new ClaimInForce("owner.example", Owner, true)]));
        Assert.Equal("a.example b.example", Counted(directory, "d=a.example,b.example"));
        Assert.Equal("", Counted(directory, "d=c.example,d.example")); // the domain with the empty name
        Assert.Equal("a.example", Counted(directory, "d=a.example"));
        Assert.Equal("owner.example", Counted(directory, "d=owner.example")); // a claimed one always has its place
    }

    [Fact]
    public void Names_that_anybody_can_make_up_take_half_of_the_places_at_most()
    {
        var directory = new StreamDirectory(Options.Create(new TrafficOptions { MaxDomains = 10 }));
        string[] spoofed = [.. Enumerable.Range(0, 50).Select(i => Counted(directory, $"d=- from=x{i}.example"))];
        Assert.Equal(5, spoofed.Count(s => s.Length > 1));
        string[] proved = [.. Enumerable.Range(0, 50).Select(i => Counted(directory, $"d=y{i}.example"))];
        Assert.Equal(4, proved.Count(p => p.Length > 0)); // the one without a name took the tenth place
        Assert.Equal("x1.example", Counted(directory, "d=x1.example from=x1.example"));
    }

    private static string Counted(StreamDirectory directory, string fields)
    {
        var attribution = new Attribution(directory);
        attribution.Read(Line(fields));
        return string.Join(' ', attribution.Domains.ToArray().OrderBy(d => d.Domain.Name, StringComparer.Ordinal).Select(d => (d.IsAuthenticated ? "" : "~") + d.Domain.Name));
    }

    private static EventLine Line(string fields)
    {
        List<string> json = ["\"kind\":\"delivered\"", "\"time\":\"2026-11-21T10:00:00Z\""], signatures = [];
        bool dkim = false;
        foreach (string field in fields.Split(' '))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            string name = field[..equals], value = field[(equals + 1)..];
            dkim |= name is "d" or "d!";
            if (name is "d" or "d!")
                signatures.AddRange(value is "-" ? [] : value.Split(',').Select(d => $$"""{"domain":"{{d}}","selector":"s","result":"{{(name is "d" ? "pass" : "fail")}}"}"""));
            else
                json.Add($"\"{name switch { "from" => "from_domain", "mail" => "mail_from", _ => name }}\":\"{value}\"");
        }

        if (dkim)
            json.Add($"\"dkim\":[{string.Join(',', signatures)}]");
        byte[] line = Encoding.UTF8.GetBytes("{" + string.Join(',', json) + "}");
        var reader = new EventReader();
        reader.Believe(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal("", reader.Read(line, 0, line.Length).Words);
        return reader.Line;
    }
}
