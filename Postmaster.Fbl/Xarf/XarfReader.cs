using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Xarf;

/// <summary>Reads XARF v4, strict about nothing: a JSON text, or a mail that carries one as an attachment or as its text. What is off is said in <see cref="XarfReport.Problems"/>.</summary>
public static class XarfReader
{
    /// <summary>Octets of a report: fifty pieces of evidence of 5 MiB are allowed, but no mail holds them.</summary>
    private const int MaxJson = 64 * 1024 * 1024;

    /// <summary>Parts of a mail that are looked into, and octets of each that must show what it is.</summary>
    private const int MaxParts = 50, Enough = 64;

    private static readonly JsonDocumentOptions Forgiving = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <param name="octets">JSON in UTF-8, or a mail.</param>
    /// <param name="problem"><see cref="XarfProblems.NotXarf"/></param>
    public static bool TryRead(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out XarfReport? report, out ParseProblem problem) =>
        LooksLikeJson(octets.Span) ? TryReadJson(octets, out report, out problem) : TryRead(MessageReader.Read(octets), out report, out problem);

    /// <inheritdoc cref="TryRead(ReadOnlyMemory{byte}, out XarfReport?, out ParseProblem)"/>
    public static bool TryRead(RawMessage message, [NotNullWhen(true)] out XarfReport? report, out ParseProblem problem)
    {
        foreach (var part in message.Root.Walk().Where(part => part.Parts.Count == 0 && part.ContentType.Type is "application" or "text").Take(MaxParts))
        {
            part.TryDecode(Enough, out var start);
            if (!LooksLikeJson(start))
                continue;
            part.TryDecode(MaxJson, out var content);
            if (TryReadJson(content, out report, out problem))
                return true;
        }
        report = null;
        problem = new ParseProblem(XarfProblems.NotXarf);
        return false;
    }

    internal static bool LooksLikeJson(ReadOnlySpan<byte> octets) => WithoutMark(octets).TrimStart(" \t\r\n"u8).StartsWith("{"u8);

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> octets) => octets.StartsWith(Encoding.UTF8.Preamble) ? octets[3..] : octets;

    private static bool TryReadJson(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out XarfReport? report, out ParseProblem problem)
    {
        report = null;
        problem = new ParseProblem(XarfProblems.NotXarf);
        if (octets.Length > MaxJson)
            return false;
        try
        {
            using var document = JsonDocument.Parse(octets[^WithoutMark(octets.Span).Length..], Forgiving);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("xarf_version", out _))
                return false;
            report = new XarfFields(document.RootElement).Read();
            problem = default;
            return true;
        }
        catch (JsonException broken)
        {
            problem = new ParseProblem(XarfProblems.NotXarf, (int)Math.Min(broken.BytePositionInLine ?? 0, int.MaxValue));
            return false;
        }
    }
}
