using System.Security.Cryptography;
using System.Text;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Limits;

/// <summary>Which reports are alike, so that one may tell of several: same mailbox on the wish of the same owners, same domains, same stream, same type.</summary>
internal static class AlikeReports
{
    private const int KeyOctets = 20;

    /// <param name="to">The mailbox.</param>
    /// <param name="told">For each domain the feedback address that it is told to.</param>
    /// <param name="kept">Its List-Id names the stream, else its Feedback-ID, else its subject.</param>
    /// <returns>Null when nothing names the stream: such a report always goes out by itself.</returns>
    public static string? KeyOf(string to, IEnumerable<(string Domain, Guid FeedbackAddressId)> told, KeptComplaint kept, Press press)
    {
        string? stream = Named("list", kept.ListId) ?? Named("feedback", kept.FeedbackId) ?? Named("subject", kept.Subject);
        if (stream is null)
            return null;
        // No value holds a line end: what is read from mail was cleaned.
        string[] parts = [to, press.ToString(), stream, .. told.Select(t => $"{t.Domain} {t.FeedbackAddressId:N}").Order(StringComparer.Ordinal)];
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts))).AsSpan(0, KeyOctets));
    }

    private static string? Named(string kind, string? value) => string.IsNullOrWhiteSpace(value) ? null : $"{kind} {value.Trim().ToLowerInvariant()}";
}
