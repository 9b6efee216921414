using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Demo;

/// <summary>
/// What a domain owner does in the first minutes, done by the same stores that the pages use: an account, three domains, their TXT records,
/// a confirmed feedback address each.
/// </summary>
internal sealed partial class DemoSetup(
    IServiceScopeFactory scopes, IDbContextFactory<PostmasterDb> databases, IReadOnlyList<DemoSender> senders, ZoneResolver zone,
    ClaimStore claims, ClaimChecks checks, FeedbackAddressStore addresses, StreamStore streams, DataDirectory data, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (DemoSender sender in senders)
            Publish(sender);
        Guid owner = await EnsureAccountAsync();
        foreach (DemoSender sender in senders)
            await EnrolAsync(owner, sender, ct);
    }

    /// <summary>The DNS of a sender: what a real one has.</summary>
    private void Publish(DemoSender sender)
    {
        string domain = sender.Domain.Ascii, host = "mail." + domain;
        zone.AddMx(domain, 10, host).AddAddress(host, sender.Address).AddPtr(sender.Address, host)
            .AddTxt(domain, $"v=spf1 ip4:{sender.Address} -all")
            .AddTxt("_dmarc." + domain, $"v=DMARC1; p=quarantine; rua=mailto:dmarc@{domain}")
            .AddTxt($"{DemoSender.Selector}._domainkey.{domain}", sender.Key.PublicKeyRecord);
    }

    /// <summary>The demo's one person owns the domains and is an operator too.</summary>
    public async Task<Guid> EnsureAccountAsync()
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        if (await users.FindByEmailAsync(DemoHost.Email) is { } known)
            return known.Id;
        var user = new PortalUser { UserName = DemoHost.Email, Email = DemoHost.Email, EmailConfirmed = true, IsOperator = true, CreatedAt = time.GetUtcNow() };
        IdentityResult made = await users.CreateAsync(user, DemoHost.Password);
        return made.Succeeded ? user.Id : throw new InvalidOperationException(string.Join(' ', made.Errors.Select(e => e.Description)));
    }

    private async Task EnrolAsync(Guid owner, DemoSender sender, CancellationToken ct)
    {
        await claims.AddAsync(owner, sender.Domain.Ascii, ct);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DomainClaim claim = await db.Claims.AsNoTracking().FirstAsync(c => c.OwnerId == owner && c.Domain == sender.Domain.Ascii, ct);
        Challenge challenge = Challenge.For(new ClaimsOptions().ChallengeLabel, sender.Domain, claim.Token);
        zone.AddTxt(challenge.Name, challenge.Value);
        await checks.CheckNowAsync(claim.Id, ct);
        if (await addresses.RequestAsync(claim.Id, owner, sender.FeedbackAddress, ct) == FeedbackRequestResult.Sent)
            await addresses.ConfirmAsync(await ReadTokenAsync(sender.FeedbackAddress, ct), ct);
    }

    /// <summary>The owner says which streams are of which mail type, once they are there.</summary>
    public async Task NameStreamsAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        foreach (DemoSender sender in senders)
        {
            string domain = sender.Domain.Ascii;
            foreach (DemoStream kind in sender.Streams.Where(s => s.Type != MailType.Unknown))
            {
                string list = $"{kind.ListLabel}.{domain}";
                int stream = await (from s in db.MailStreams join d in db.MailDomains on s.DomainId equals d.Id where d.Name == domain && s.Kind == StreamKind.ListId && s.Value == list select s.Id).FirstOrDefaultAsync(ct);
                await streams.NameAsync(domain, stream, null, kind.Type, ct);
            }
        }
    }

    /// <summary>Opens the confirmation mail as the owner would, in the folder where the relay puts mail.</summary>
    private async Task<string> ReadTokenAsync(string address, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        while (true)
        {
            foreach (string file in Directory.Exists(data.Mail) ? Directory.EnumerateFiles(data.Mail, "*.eml") : [])
            {
                RawMessage mail = MessageReader.Read(await File.ReadAllBytesAsync(file, patience.Token));
                if (mail.Headers.First("To")?.Unfolded.Contains(address, StringComparison.OrdinalIgnoreCase) == true
                    && mail.Root.TryDecode(64 * 1024, out byte[] text)
                    && ConfirmationLink().Match(Encoding.UTF8.GetString(text)) is { Success: true } link)
                    return link.Groups["token"].Value;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    [GeneratedRegex("/feedback-address/(?<token>[0-9a-f]{40})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ConfirmationLink();
}
