using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>Which part of the mail causes it: by stream, and on a page of its own by address.</summary>
public sealed partial class StreamList
{
    private const int PageSize = 40;

    private static readonly (string Word, string Words)[] Orders = [("mail", "mail"), ("complaints", "complaint rate"), ("reputation", "reputation")];
    private static readonly StreamKind[] IpKinds = [StreamKind.Ip, StreamKind.Network];

    [SupplyParameterFromQuery(Name = "kind")]
    public string? KindWord { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    [Inject]
    private ReputationQueries Reputation { get; set; } = default!;

    [Inject]
    private IOptions<TrafficOptions> Options { get; set; } = default!;

    [Inject]
    private IOptions<PrivacyOptions> Privacy { get; set; } = default!;

    private IReadOnlyDictionary<StreamKind, int> Known { get; set; } = new Dictionary<StreamKind, int>();
    private StreamTable? Table { get; set; }
    private IReadOnlyDictionary<int, StreamReputation> Verdicts { get; set; } = new Dictionary<int, StreamReputation>();
    private IReadOnlyList<StreamTraffic> Shown { get; set; } = [];
    private int PageShown { get; set; } = 1;
    private int Pages { get; set; } = 1;

    private bool IsIps => new Uri(Navigation.Uri).AbsolutePath.TrimEnd('/').EndsWith("/ips", StringComparison.OrdinalIgnoreCase);

    private string ListPath => $"{Path}/{(IsIps ? "ips" : "streams")}";

    private int Floor => Privacy.Value.PrivacyFloor;

    /// <summary>The kinds that there is something of, in the order of their numbers.</summary>
    private IReadOnlyList<StreamKind> Kinds => [.. Known.Keys.Where(k => IpKinds.Contains(k) == IsIps).Order()];

    private StreamKind Kind { get; set; }

    private string Order => Array.Exists(Orders, o => string.Equals(o.Word, Sort, StringComparison.Ordinal)) ? Sort! : "mail";

    private IReadOnlyList<(string Name, string Value)> Filters => [("kind", TrafficWords.Slug(Kind)), ("sort", Order)];

    private string Advice => IsIps
        ? "Addresses appear with the first message of them that is authenticated as this domain."
        : "Put a List-Id (RFC 2919) or a Feedback-ID on your mail, one value for each kind of mail you send, and you see here which of them people complain about. Selectors and envelope domains are told apart without any set-up.";

    protected override async Task LoadTrafficAsync(AccessedDomain access)
    {
        Known = await Traffic.KindsAsync(access.Domain, Range.From, Range.To, Aborted);
        StreamKind? wanted = TrafficWords.KindOf(KindWord);
        Kind = wanted is { } kind && IpKinds.Contains(kind) == IsIps ? kind : Kinds.Count > 0 ? Kinds[0] : IsIps ? StreamKind.Ip : StreamKind.ListId;
        Table = await Traffic.StreamsAsync(access.Domain, Kind, Range.From, Range.To, Aborted);
        Verdicts = (await Reputation.StreamsAsync(access.Domain, Kind, Aborted)).ToDictionary(r => r.StreamId);
        Pages = Math.Max(1, (Table.Rows.Count + PageSize - 1) / PageSize);
        PageShown = Math.Min(PageNumber.Read(PageWord), Pages);
        Shown = [.. Sorted(Table.Rows).Skip((PageShown - 1) * PageSize).Take(PageSize)];
    }

    private IEnumerable<StreamTraffic> Sorted(IReadOnlyList<StreamTraffic> rows) => Order switch
    {
        // What may not be told comes after what is.
        "complaints" => rows.OrderBy(r => r.IsOther).ThenByDescending(r => r.Traffic.Complaints?.Value ?? -1),
        "reputation" => rows.OrderBy(r => r.IsOther).ThenBy(r => Verdicts.GetValueOrDefault(r.Id)?.Latest?.Score ?? double.MaxValue),
        _ => rows,
    };

    private string Href(StreamKind kind, string order, int page) =>
        $"{ListPath}?{Range.Query}&kind={TrafficWords.Slug(kind)}{(order is "mail" ? "" : $"&sort={order}")}{(page > 1 ? $"&page={page}" : "")}";
}
