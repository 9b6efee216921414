using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary>A mailbox with a file for each mail: what arrives lies in <c>new/</c>, what somebody has seen in <c>cur/</c> with its flags behind <c>:2,</c>.</summary>
internal static class Maildir
{
    private const string New = "new", Cur = "cur", FlagsMark = ":2,";

    public static bool Is(string path) => Directory.Exists(Path.Combine(path, New)) && Directory.Exists(Path.Combine(path, Cur));

    /// <summary>
    /// What nobody has read: all of <c>new/</c>, and of <c>cur/</c> what has no flag S (a mail reader moves there what it has only listed).
    /// The names are read as the mails are asked for; a mail may be gone by then.
    /// </summary>
    public static IEnumerable<string> Unread(string path) =>
        Directory.EnumerateFiles(Path.Combine(path, Cur)).Where(f => !Flags(f).Contains('S', StringComparison.Ordinal))
            .Concat(Directory.EnumerateFiles(Path.Combine(path, New)))
            .Where(f => !Path.GetFileName(f).StartsWith('.') && !SpecialFile.Is(f));

    /// <summary>Moves a mail to <c>cur/</c> as seen. Nothing happens when another process was faster.</summary>
    /// <param name="flagged">Whether a mail reader is to show it with a star: a person should look at it.</param>
    public static void MarkRead(string file, bool flagged)
    {
        string name = Path.GetFileName(file);
        int mark = name.LastIndexOf(FlagsMark, StringComparison.Ordinal);
        string flags = string.Concat((Flags(file) + (flagged ? "FS" : "S")).Distinct().Order());
        string cur = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(file))!, Cur);
        try
        {
            File.Move(file, Path.Combine(cur, (mark < 0 ? name : name[..mark]) + FlagsMark + flags));
        }
        catch (FileNotFoundException)
        {
            // Another process has moved it.
        }
    }

    private static string Flags(string file)
    {
        int mark = file.LastIndexOf(FlagsMark, StringComparison.Ordinal);
        return mark < 0 ? "" : file[(mark + FlagsMark.Length)..];
    }
}
