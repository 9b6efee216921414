using System.Reflection;
using Markdig;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Postmaster.Web.Help;

/// <param name="Level">2 or 3.</param>
/// <param name="Anchor">The id of the heading.</param>
public sealed record HelpHeading(int Level, string Anchor, string Text);

/// <param name="Name">The last part of its address, such as <c>owners</c>.</param>
/// <param name="Summary">The first paragraph as text.</param>
/// <param name="Html">Without the title. Written by us alone: raw HTML in the Markdown is shown as text.</param>
public sealed record HelpText(string Name, string Title, string Summary, IReadOnlyList<HelpHeading> Contents, string Html);

/// <summary>The manual: the Markdown files beside this one, compiled into the program and rendered once.</summary>
public static class HelpPages
{
    private const string ResourcePrefix = "help/";
    private static readonly string[] First = ["owners", "reputation", "operators"];

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UseAutoIdentifiers().UsePipeTables().UseAutoLinks().Build();
    private static readonly Lazy<IReadOnlyDictionary<string, HelpText>> Pages = new(ReadAll);

    /// <summary>Those for the many who send mail first, then those for the few who run the portal.</summary>
    public static IEnumerable<HelpText> All => Pages.Value.Values.OrderBy(p => Array.IndexOf(First, p.Name) is >= 0 and { } place ? place : First.Length).ThenBy(p => p.Title, StringComparer.Ordinal);

    /// <summary>Null when there is no page of that name.</summary>
    public static HelpText? Find(string name) => Pages.Value.GetValueOrDefault(name);

    internal static HelpText Render(string name, string markdown)
    {
        MarkdownDocument document = Markdown.Parse(markdown, Pipeline);
        HeadingBlock title = document.OfType<HeadingBlock>().First(h => h.Level == 1);
        ParagraphBlock summary = document.OfType<ParagraphBlock>().First();
        HelpHeading[] contents = [.. document.OfType<HeadingBlock>().Where(h => h.Level is 2 or 3)
            .Select(h => new HelpHeading(h.Level, h.GetAttributes().Id ?? "", Text(h.Inline)))];
        document.Remove(title);
        return new HelpText(name, Text(title.Inline), Text(summary.Inline), contents, document.ToHtml(Pipeline));
    }

    private static Dictionary<string, HelpText> ReadAll()
    {
        Assembly assembly = typeof(HelpPages).Assembly;
        var pages = new Dictionary<string, HelpText>(StringComparer.Ordinal);
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            string name = Path.GetFileNameWithoutExtension(resource[ResourcePrefix.Length..]);
            pages[name] = Render(name, reader.ReadToEnd());
        }

        return pages;
    }

    private static string Text(ContainerInline? inlines) => string.Concat((inlines?.Descendants() ?? []).Select(part => part switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        _ => "",
    }));
}
