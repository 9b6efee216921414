using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic;

/// <summary>A domain that an event counts for.</summary>
/// <param name="IsAuthenticated">False: only the author domain says so.</param>
/// <param name="Signatures">A bit for each signature of the event that passed for this domain.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CountedFor(DomainEntry Domain, bool IsClaimed, bool IsAuthenticated, uint Signatures);

/// <summary>
/// Whose mail an event speaks of; Help/events.md states the rules in words. Each domain counts a message once, however many of its signatures passed.
/// Filled again for each event; one a thread.
/// </summary>
internal sealed class Attribution(StreamDirectory directory)
{
    private readonly List<CountedFor> _domains = [];

    public ReadOnlySpan<CountedFor> Domains => CollectionsMarshal.AsSpan(_domains);

    /// <summary>A signature passed whose domain is aligned with the author domain.</summary>
    public bool DkimAligned { get; private set; }

    /// <summary>SPF passed for a domain that is aligned with the author domain.</summary>
    public bool SpfAligned { get; private set; }

    public bool DkimPassed { get; private set; }

    /// <summary>The domain of the envelope sender; null without a usable one.</summary>
    public NameEntry? Envelope { get; private set; }

    public void Read(EventLine line)
    {
        _domains.Clear();
        DkimAligned = SpfAligned = DkimPassed = false;
        NameEntry? author = directory.Find(line[line.FromDomain]);
        Envelope = directory.Find(DomainOf(line[line.MailFrom]));
        CountSignatures(line, author);
        if (author is not null)
            CountAuthor(line, author);
        else if (!line.DkimKnown && line.Spf == AuthenticationWord.Pass && SpfIdentity(line) is { } sender)
            Add(sender, authenticated: true); // refused before its header was seen: no DKIM exists yet
    }

    /// <summary>The domain of an address, <c>&lt;&gt;</c> around it or not; empty when there is none.</summary>
    internal static ReadOnlySpan<byte> DomainOf(ReadOnlySpan<byte> address)
    {
        int at = address.LastIndexOf((byte)'@');
        return at < 0 ? default : address[(at + 1)..].TrimEnd((byte)'>');
    }

    private void CountSignatures(EventLine line, NameEntry? author)
    {
        ReadOnlySpan<SignatureLine> signatures = line.Signatures;
        for (int i = 0; i < signatures.Length; i++)
        {
            if (signatures[i].Result != AuthenticationWord.Pass || directory.Find(line[signatures[i].Domain]) is not { } signer)
                continue;
            DkimPassed = true;
            DkimAligned |= author is not null && signer.IsAlignedWith(author);
            Add(signer, authenticated: true, signature: i);
        }
    }

    private void CountAuthor(EventLine line, NameEntry author)
    {
        SpfAligned = line.Spf == AuthenticationWord.Pass && SpfIdentity(line) is { } sender && sender.IsAlignedWith(author);
        // The feeder's DMARC result knows the policy's modes and the public suffixes; without one, alignment is what the names show.
        bool authenticated = line.Dmarc == AuthenticationWord.Pass || (line.Dmarc != AuthenticationWord.Fail && (DkimAligned || SpfAligned));
        // Where an aligned signature is the proof, its domain has the message already.
        if (!authenticated || !DkimAligned)
            Add(author, authenticated);
    }

    /// <summary>RFC 7208 §2.4: the envelope sender's domain, for the null reverse-path that of HELO.</summary>
    private NameEntry? SpfIdentity(EventLine line)
    {
        ReadOnlySpan<byte> sender = line[line.MailFrom];
        return sender.IsEmpty || sender.SequenceEqual("<>"u8) ? directory.Find(line[line.Helo]) : Envelope;
    }

    private void Add(NameEntry name, bool authenticated, int signature = -1)
    {
        foreach (CountedDomain counted in name.Counted)
        {
            DomainEntry domain = directory.Domain(counted, authenticated);
            uint bit = signature < 0 ? 0 : 1u << signature;
            Add(new CountedFor(domain, counted.IsClaimed, authenticated, bit));
        }
    }

    private void Add(CountedFor counted)
    {
        foreach (ref CountedFor known in CollectionsMarshal.AsSpan(_domains))
        {
            if (!ReferenceEquals(known.Domain, counted.Domain))
                continue;
            known = known with { IsAuthenticated = known.IsAuthenticated || counted.IsAuthenticated, Signatures = known.Signatures | counted.Signatures };
            return;
        }

        _domains.Add(counted);
    }
}
