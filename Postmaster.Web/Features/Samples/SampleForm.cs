using System.Text;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples;

/// <summary>Takes the form of <c>/samples</c>: a pasted mail, a file, or the wish for a one-time address. Answers with a redirect, as every form here.</summary>
internal sealed class SampleForm(
    SampleStore store, SampleQueries queries, SampleLimits limits, VisitorCookie visitors, IAntiforgery antiforgery, IOptions<SamplesOptions> options)
{
    public const string Route = "/samples/check";

    /// <summary>What a form is besides the mail: boundaries, the antiforgery token.</summary>
    private const int FormOverhead = 64 * 1024;

    /// <summary>How long an answer may wait for the check.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(4);

    public async Task<IResult> PostAsync(HttpContext context, CancellationToken ct)
    {
        int most = options.Value.MaxBytes + FormOverhead;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = most;
        if (context.Request.ContentLength > most)
            return Back("large");
        try
        {
            if (!context.Request.HasFormContentType)
                return Results.BadRequest();
            IFormCollection form = await context.Request.ReadFormAsync(new FormOptions { ValueLengthLimit = most, MultipartBodyLengthLimit = most }, ct);
            if (!await antiforgery.IsRequestValidAsync(context))
                return Results.BadRequest();
            return await TakeAsync(context, form, ct);
        }
        catch (Exception tooLarge) when (tooLarge is InvalidDataException or BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
        {
            return Back("large");
        }
    }

    private async Task<IResult> TakeAsync(HttpContext context, IFormCollection form, CancellationToken ct)
    {
        // The policy of the route has let the visitor in.
        SampleViewer viewer = visitors.ReadOrIssue(context)!;
        if (string.Equals(form["way"], "address", StringComparison.Ordinal))
        {
            if (!limits.Allows(viewer, context))
                return Back("often");
            return await store.GiveAddressAsync(viewer, ct) is { } given ? Results.LocalRedirect($"/samples/{given}") : Back("full");
        }

        byte[] mail = await MailAsync(form, ct);
        if (mail.Length == 0)
            return Back("empty");
        if (mail.Length > options.Value.MaxBytes)
            return Back("large");
        if (MessageReader.Read(mail, new MessageLimits { MaxMessageBytes = 0 }).Headers.FieldCount == 0)
            return Back("header");
        if (!limits.Allows(viewer, context))
            return Back("often");
        switch (await store.KeepAsync(viewer, mail, ct))
        {
            case KeepSampleResult.Kept kept:
                await queries.WaitAsync(viewer, kept.Id, Moment, ct);
                return Results.LocalRedirect($"/samples/{kept.Id}");
            case KeepSampleResult.TooMany:
                return Back("full");
            default:
                return Back("disk");
        }
    }

    /// <summary>The file where there is one; else the pasted text, which browsers send with CRLF.</summary>
    private static async Task<byte[]> MailAsync(IFormCollection form, CancellationToken ct)
    {
        if (form.Files.GetFile("file") is { Length: > 0 } file)
        {
            using var octets = new MemoryStream((int)file.Length);
            await file.CopyToAsync(octets, ct);
            return octets.ToArray();
        }

        return Encoding.UTF8.GetBytes(form["text"].ToString().TrimStart('\r', '\n'));
    }

    private static IResult Back(string problem) => Results.LocalRedirect($"/samples?problem={problem}");
}
