using Microsoft.AspNetCore.Http.Features;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>Reads what is posted to a link of a mail, by a mail program's one click (RFC 8058 §3.2) or a page's button: strangers may post anything there.</summary>
internal static class LinkForm
{
    /// <summary>Octets of a body that is read; that of a one-click request has 26, a multipart one a few hundred.</summary>
    private const int MaxBody = 8 * 1024;

    /// <summary>Empty when it is no form, one without end, or too long.</summary>
    public static async Task<IFormCollection> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType || request.ContentLength > MaxBody)
            return FormCollection.Empty;
        try
        {
            return await request.ReadFormAsync(new FormOptions { BufferBodyLengthLimit = MaxBody, MultipartBodyLengthLimit = MaxBody }, ct);
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException)
        {
            // IOException: a multipart body that ends before its last boundary.
            return FormCollection.Empty;
        }
    }
}
