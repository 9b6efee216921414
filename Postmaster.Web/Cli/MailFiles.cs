namespace Postmaster.Web.Cli;

/// <summary>One mail found under a path.</summary>
/// <param name="Path">As shown to the user; for a mail of an mbox with its number: <c>box#3</c>.</param>
/// <param name="Content">Null when it could not be read.</param>
/// <param name="Problem">Why not, for people; null when it was read.</param>
internal sealed record MailFile(string Path, byte[]? Content, string? Problem);

/// <summary>The mails that a verb was pointed at: files, folders (with all below), mbox files, or <c>-</c> for standard input. One mail is in memory at a time.</summary>
internal static class MailFiles
{
    /// <summary>A larger file is no mail; the limit keeps a wrong path from filling the memory.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    private static ReadOnlySpan<byte> MboxStart => "From "u8;

    public static IEnumerable<MailFile> Read(IEnumerable<string> paths, Func<Stream> standardInput) =>
        paths.SelectMany(path => path switch
        {
            "-" => FromStream("-", standardInput),
            _ when Directory.Exists(path) => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(FromFile),
            _ => FromFile(path),
        });

    /// <summary>A single file or standard input as it is, whatever its first line says.</summary>
    public static MailFile ReadOne(string path, Func<Stream> standardInput) =>
        ReadWhole(path, path is "-" ? standardInput : () => File.OpenRead(path));

    private static IEnumerable<MailFile> FromFile(string path) => FromStream(path, () => File.OpenRead(path));

    private static IEnumerable<MailFile> FromStream(string path, Func<Stream> open)
    {
        MailFile whole = ReadWhole(path, open);
        return whole.Content is { } content && content.AsSpan().StartsWith(MboxStart) ? Split(path, content) : [whole];
    }

    private static MailFile ReadWhole(string path, Func<Stream> open)
    {
        try
        {
            using Stream stream = open();
            byte[]? content = ReadAll(stream);
            return new MailFile(path, content, content is null ? $"larger than {MaxBytes / (1024 * 1024)} MB" : null);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return new MailFile(path, null, failed is FileNotFoundException or DirectoryNotFoundException ? "no such file" : failed.Message);
        }
    }

    private static byte[]? ReadAll(Stream stream)
    {
        using var buffer = new MemoryStream();
        byte[] chunk = new byte[81920];
        for (int read; (read = stream.Read(chunk)) > 0;)
        {
            if (buffer.Length + read > MaxBytes)
                return null;
            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    /// <summary>An mbox: each mail begins with a line "From " at the start or after an empty line; a quoted ">From " loses one angle.</summary>
    private static IEnumerable<MailFile> Split(string path, byte[] box)
    {
        List<int> starts = [0];
        for (int at = 1; at < box.Length; at++)
        {
            if (box[at] == 'F' && box[at - 1] == '\n' && AfterEmptyLine(box, at) && box.AsSpan(at).StartsWith(MboxStart))
                starts.Add(at);
        }

        for (int i = 0; i < starts.Count; i++)
        {
            int end = i + 1 < starts.Count ? starts[i + 1] : box.Length;
            byte[] mail = Unquote(box.AsSpan(starts[i]..end));
            yield return new MailFile(starts.Count == 1 ? path : $"{path}#{i + 1}", mail, null);
        }
    }

    private static bool AfterEmptyLine(byte[] box, int at) =>
        (at >= 2 && box[at - 2] == '\n') || (at >= 3 && box[at - 2] == '\r' && box[at - 3] == '\n');

    private static byte[] Unquote(ReadOnlySpan<byte> quoted)
    {
        int firstLine = quoted.IndexOf((byte)'\n');
        using var mail = new MemoryStream(quoted.Length);
        ReadOnlySpan<byte> rest = firstLine < 0 ? [] : quoted[(firstLine + 1)..];
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = end == 0 ? rest : rest[..end];
            bool isQuoted = line[0] == '>' && line.TrimStart((byte)'>').StartsWith(MboxStart);
            mail.Write(isQuoted ? line[1..] : line);
            rest = rest[line.Length..];
        }

        return mail.ToArray();
    }
}
