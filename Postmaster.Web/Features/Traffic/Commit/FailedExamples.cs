using System.Runtime.InteropServices;
using System.Text;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>A mail that did not keep to a requirement.</summary>
/// <param name="Day">As a day number.</param>
/// <param name="Time">UTC ticks.</param>
internal sealed record FailedExample(DomainEntry Domain, int Day, Requirement Requirement, long Time, string? MessageId, string? Ip, string Reason);

/// <summary>The first mail of a batch that breaks each requirement, by claimed domain and day: what is kept is bounded by these, whatever comes in.</summary>
internal sealed class FailedExamples
{
    private readonly Dictionary<(int Domain, int Day), uint> _seen = [];

    public List<FailedExample> All { get; } = [];

    public void Take(EventLine line, Attribution of)
    {
        // As the counters do: of messages that were taken or refused for good.
        if (line.Kind is not (EventKind.Delivered or EventKind.Rejected) || Failed(line, of) is not (> 0 and uint failed))
            return;
        int day = (int)(line.Time / TimeSpan.TicksPerDay);
        foreach (CountedFor counted in of.Domains)
        {
            if (!counted.IsAuthenticated || !counted.IsClaimed)
                continue;
            ref uint seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, (counted.Domain.Serial, day), out _);
            uint fresh = failed & ~seen;
            seen |= fresh;
            for (int bit = 0; fresh != 0; bit++, fresh >>= 1)
            {
                if ((fresh & 1) != 0)
                    All.Add(Of(counted.Domain, day, (Requirement)bit, line));
            }
        }
    }

    public void Clear()
    {
        _seen.Clear();
        All.Clear();
    }

    /// <summary>A bit for each requirement that the message breaks.</summary>
    private static uint Failed(EventLine line, Attribution of)
    {
        uint failed = 0;
        bool spfKnown = line.Spf != AuthenticationWord.Unknown, spf = line.Spf == AuthenticationWord.Pass;
        Break(spfKnown && !spf, Requirement.Spf);
        Break(line.DkimKnown && !of.DkimPassed, Requirement.Dkim);
        Break(line.DkimKnown && spfKnown && !(of.DkimPassed && spf), Requirement.SpfAndDkim);
        Break(line.Dmarc is not (AuthenticationWord.Unknown or AuthenticationWord.Pass), Requirement.Alignment);
        Break(line.FormatOk == Answer.No, Requirement.Format);
        Break(line.ReverseOk == Answer.No, Requirement.ReverseDns);
        Break(line.Tls == Answer.No, Requirement.Encryption);
        Break(line.OneClick == Answer.No, Requirement.OneClick);
        return failed;

        void Break(bool broken, Requirement requirement) => failed |= broken ? 1u << (int)requirement : 0;
    }

    private static FailedExample Of(DomainEntry domain, int day, Requirement requirement, EventLine line) => new(
        domain, day, requirement, line.Time, Text(line[line.MessageId], ComplianceConfiguration.MessageIdLength), Text(line[line.Ip], ComplianceConfiguration.IpLength), Reason(requirement, line));

    private static string Reason(Requirement requirement, EventLine line) => requirement switch
    {
        Requirement.Spf => $"spf={EventWords.Of(line.Spf)}",
        Requirement.Dkim => $"dkim={DkimWords(line)}",
        Requirement.SpfAndDkim => $"spf={EventWords.Of(line.Spf)}, dkim={DkimWords(line)}",
        Requirement.Alignment => $"dmarc={EventWords.Of(line.Dmarc)}",
        Requirement.Format => "the format breaks RFC 5322",
        Requirement.ReverseDns => "the reverse name does not lead back",
        Requirement.Encryption => "no TLS",
        _ => "no one-click unsubscribing",
    };

    private static string DkimWords(EventLine line)
    {
        if (line.SignatureCount == 0)
            return "none";
        SignatureLine first = line.Signatures[0];
        foreach (SignatureLine signature in line.Signatures)
            first = signature.Result == AuthenticationWord.Pass ? signature : first;
        string word = first.Result == AuthenticationWord.Unknown ? "unknown" : EventWords.Of(first.Result);
        return Text(line[first.Domain], ComplianceConfiguration.ReasonLength / 2) is { } domain ? $"{word} (d={domain})" : word;
    }

    private static string? Text(ReadOnlySpan<byte> octets, int longest)
    {
        string text = Encoding.UTF8.GetString(octets[..Math.Min(octets.Length, longest * 4)]);
        text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        if (text.Length > longest)
            text = text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)];
        return text.Length == 0 ? null : text;
    }
}
