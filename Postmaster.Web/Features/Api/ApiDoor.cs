using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Traffic.Export;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Api;

/// <summary>
/// <c>/api/domains/{domain}/complaints</c>: an owner's programs read complaints with a key of their account (RFC 6750 bearer) and mark them as handled. A key
/// reaches what its account reaches at the moment of the request; a domain that it does not reach does not exist (404). Refusals are problem details (RFC 9457).
/// </summary>
internal sealed class ApiDoor(
    ApiKeyStore keys, DomainAccess gate, ComplaintFeed feed, ReportMaker reports, HandledStore handling, ApiLimits limits, ILogger<ApiDoor> log)
{
    public const string Route = "/api/domains/{domain}/complaints";
    private const int DefaultLimit = 100;

    /// <summary>Days that a complaint can have.</summary>
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), Latest = new(2300, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>JSON.</summary>
    public Task<IResult> ListAsync(HttpContext context, string domain, CancellationToken ct) => ReadAsync(context, domain, async (access, page) =>
        TypedResults.Json(new ComplaintsJson { Complaints = await RowsAsync(access, page, ct), NextCursor = ComplaintFeed.Write(page.Next), HasMore = page.HasMore }), ct);

    /// <summary>The same as CSV; where to go on stands in the Link field (RFC 8288) while there is more, and always in X-Next-Cursor.</summary>
    public Task<IResult> CsvAsync(HttpContext context, string domain, CancellationToken ct) => ReadAsync(context, domain, async (access, page) =>
    {
        IReadOnlyList<ComplaintJson> rows = await RowsAsync(access, page, ct);
        if (ComplaintFeed.Write(page.Next) is { } cursor)
        {
            context.Response.Headers["X-Next-Cursor"] = cursor;
            var query = context.Request.Query.Where(q => !string.Equals(q.Key, "cursor", StringComparison.Ordinal)).SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value))
                .Append(KeyValuePair.Create("cursor", (string?)cursor));
            if (page.HasMore)
                context.Response.Headers.Link = $"<{context.Request.Path.ToUriComponent()}{QueryString.Create(query).ToUriComponent()}>; rel=\"next\"";
        }

        return TypedResults.Stream(new CsvTable("complaints", ComplaintJson.Columns, rows.Select(r => r.Cells())).WriteAsync, "text/csv; charset=utf-8", $"complaints-{access.Domain}.csv");
    }, ct);

    /// <summary>The report itself, as it would go out by mail.</summary>
    public async Task<IResult> ReportAsync(HttpContext context, string domain, Guid id, CancellationToken ct)
    {
        (AccessedDomain? access, _, IResult? refusal) = await EnterAsync(context, domain, ct);
        if (access is null)
            return refusal!;
        // Readers see complaints and numbers on the pages; the mail itself, and perhaps whom it went to, is for owners.
        if (!access.CanChange)
            return Problem(StatusCodes.Status403Forbidden, "The key's account is a reader of this domain. Only owners fetch reports.");
        return await reports.MakeAsync(access.ClaimId, access.Domain, id, ct) is { } report
            ? TypedResults.Bytes(report, "message/rfc822", $"{id:N}.eml")
            : Problem(StatusCodes.Status404NotFound, "There is no such complaint, its message is no longer kept, or no report is ever made of it.");
    }

    /// <summary>Marks a complaint as handled; with DELETE, as not handled.</summary>
    public async Task<IResult> HandledAsync(HttpContext context, string domain, Guid id, CancellationToken ct)
    {
        (AccessedDomain? access, ApiCaller? caller, IResult? refusal) = await EnterAsync(context, domain, ct);
        if (access is null || caller is null)
            return refusal!;
        if (caller.Scope is not ApiScope.Handle)
            return Problem(StatusCodes.Status403Forbidden, "This key only reads. Make one that also marks complaints as handled.");
        if (!access.CanChange)
            return Problem(StatusCodes.Status403Forbidden, "The key's account is a reader of this domain. Only owners mark complaints.");
        bool handled = HttpMethods.IsPost(context.Request.Method);
        int changed = await handling.MarkAsync(access.Domain, [id], caller.UserId, handled, ct);
        return changed == 1 || await handling.ExistsAsync(access.Domain, id, ct)
            ? TypedResults.Json(new HandledJson { Id = id, Handled = handled, Changed = changed == 1 })
            : Problem(StatusCodes.Status404NotFound, "There is no such complaint.");
    }

    private async Task<IReadOnlyList<ComplaintJson>> RowsAsync(AccessedDomain access, FeedPage page, CancellationToken ct)
    {
        IReadOnlyDictionary<Guid, string> recipients = await reports.RecipientsAsync(access.ClaimId, [.. page.Rows], mayBeClear: access.CanChange, ct);
        return [.. page.Rows.Select(row => ComplaintJson.Of(row, recipients.GetValueOrDefault(row.Id)))];
    }

    private async Task<IResult> ReadAsync(HttpContext context, string domain, Func<AccessedDomain, FeedPage, Task<IResult>> answer, CancellationToken ct)
    {
        (AccessedDomain? access, _, IResult? refusal) = await EnterAsync(context, domain, ct);
        if (access is null)
            return refusal!;
        return Read(context.Request.Query, access.Domain, out FeedQuestion? question) is { } wrong ? Problem(StatusCodes.Status400BadRequest, wrong) : await answer(access, await feed.ReadAsync(question!, ct));
    }

    /// <summary>Who asks, and for which domain: decided before anything is read.</summary>
    private async Task<(AccessedDomain? Access, ApiCaller? Caller, IResult? Refusal)> EnterAsync(HttpContext context, string domain, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await keys.FindAsync(context.Request.Headers.Authorization.ToString(), ct) is not { } caller)
        {
            log.ApiKeyRefused();
            if (limits.WrongKeys.Take(ClientNetwork.Of(context)) is { } pause)
                return (null, null, Later(context, pause, "Too many requests without the right key."));
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return (null, null, Problem(StatusCodes.Status401Unauthorized, "Send the header \"Authorization: Bearer KEY\" with a key of your account, which you make on its page."));
        }

        if (limits.Requests.Take(caller.KeyId.ToString("N")) is { } wait)
            return (null, null, Later(context, wait, "Too many requests a minute with this key. Go on after the pause that Retry-After names."));
        var user = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.UserId.ToString())], "key"));
        // An operator's key sees the domains of its account, not those of everybody.
        return await gate.FindAsync(user, domain, ct) is { IsInForce: true, AsOperator: false } access
            ? (access, caller, null)
            : (null, null, Problem(StatusCodes.Status404NotFound, "The key's account has no such domain, or it is not proved at the moment."));
    }

    /// <summary>Null when the query could be read; else what is wrong with it.</summary>
    private static string? Read(IQueryCollection query, string domain, out FeedQuestion? question)
    {
        question = null;
        DateTimeOffset start = Earliest, end = Latest;
        if (query["from"].ToString() is { Length: > 0 } from && !TryInstant(from, endOfDay: false, out start))
            return "from is a day such as 2026-11-21 or an instant such as 2026-11-21T14:00:00Z.";
        if (query["to"].ToString() is { Length: > 0 } to && !TryInstant(to, endOfDay: true, out end))
            return "to is a day such as 2026-11-21, which counts as a whole, or an instant such as 2026-11-21T14:00:00Z, before which it ends.";
        Guid? after = null;
        if (query["cursor"].ToString() is { Length: > 0 } cursor)
        {
            if (!Guid.TryParseExact(cursor, "N", out Guid known))
                return "cursor is the next_cursor of the answer before.";
            after = known;
        }

        int limit = DefaultLimit;
        if (query["limit"].ToString() is { Length: > 0 } most && (!int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > ComplaintFeed.MostRows))
            return $"limit is a number from 1 to {ComplaintFeed.MostRows}.";
        Press? type = null;
        if (query["type"].ToString() is { Length: > 0 } word)
        {
            if (!PressWords.TryParse(word, out Press press) || press is Press.NotSpam)
                return "type is abuse, fraud or virus.";
            type = press;
        }

        if (!TryYesNo(query["handled"].ToString(), out bool? handled))
            return "handled is true or false.";
        if (!TryYesNo(query["withdrawn"].ToString(), out bool? withdrawn))
            return "withdrawn is true or false.";

        string text = query["q"].ToString();
        if (text.Length > FeedbackLoop.ComplaintFilter.MaxText)
            return $"q has up to {FeedbackLoop.ComplaintFilter.MaxText} characters.";
        question = new FeedQuestion(ArchiveQuestion.Read(domain, start, end, text, type, query["signing_domain"].ToString(), handled), after, limit, withdrawn);
        return null;
    }

    /// <summary>Null for an empty text.</summary>
    private static bool TryYesNo(string text, out bool? value)
    {
        value = text switch { "true" => true, "false" => false, _ => null };
        return value is not null || text.Length == 0;
    }

    private static bool TryInstant(string text, bool endOfDay, out DateTimeOffset at)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) && day.Year is > 1999 and < 2300)
        {
            at = new DateTimeOffset((endOfDay ? day.AddDays(1) : day).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            return true;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at) && text.Contains('T', StringComparison.Ordinal) && at.Year is > 1999 and < 2300;
    }

    private static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);

    private static ProblemHttpResult Later(HttpContext context, TimeSpan wait, string detail)
    {
        context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return Problem(StatusCodes.Status429TooManyRequests, detail);
    }
}
