using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary>One mail found under a path.</summary>
/// <param name="Path">As shown to the user; for a mail of an mbox with its number: <c>box#3</c>.</param>
/// <param name="Content">Null when it could not be read.</param>
/// <param name="Problem">Why not, for people; null when it was read.</param>
/// <param name="IsOneOfMany">Whether it comes from a folder or an mbox.</param>
internal sealed record MailFile(string Path, byte[]? Content, string? Problem, bool IsOneOfMany = false);

/// <summary>The mails that a verb was pointed at: files, folders (with all below), mbox files, or <c>-</c> for standard input. One mail is in memory at a time.</summary>
internal static class MailFiles
{
    /// <summary>A larger file is no mail; the limit keeps a wrong path from filling the memory.</summary>
    public const int MaxBytes = 256 * 1024 * 1024;

    private static readonly string TooLarge = $"larger than {MaxBytes / (1024 * 1024)} MB";

    public static IEnumerable<MailFile> Read(IEnumerable<string> paths, Func<Stream> standardInput) =>
        paths.SelectMany(path => path switch
        {
            "-" => FromStream("-", standardInput),
            _ when Directory.Exists(path) => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(FromFolder).Select(mail => mail with { IsOneOfMany = true }),
            _ => FromFile(path),
        });

    /// <summary>The octets of all files under the paths, for a progress bar; null when a pipe is among them.</summary>
    public static long? Octets(IReadOnlyCollection<string> paths)
    {
        if (paths.Contains("-", StringComparer.Ordinal))
            return null;
        return paths.SelectMany(path => Directory.Exists(path) ? new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories) : [new FileInfo(path)])
            .Sum(file => file.Exists ? file.Length : 0);
    }

    /// <summary>A single file or standard input as it is, whatever its first line says.</summary>
    public static MailFile ReadOne(string path, Func<Stream> standardInput) =>
        ReadWhole(path, path is "-" ? standardInput : () => File.OpenRead(path));

    /// <summary>A pipe is read when it was named, and not because it lies in a folder.</summary>
    private static IEnumerable<MailFile> FromFolder(string path) => SpecialFile.Is(path) ? [new MailFile(path, null, "a device or a pipe, and no file")] : FromFile(path);

    private static IEnumerable<MailFile> FromFile(string path) => FromStream(path, () => File.OpenRead(path));

    private static IEnumerable<MailFile> FromStream(string path, Func<Stream> open)
    {
        using IEnumerator<byte[]?> mails = Contents(open).GetEnumerator();
        if (!TryNext(path, mails, out bool any, out string? problem) || !any)
        {
            yield return new MailFile(path, problem is null ? [] : null, problem);
            yield break;
        }

        byte[]? mail = mails.Current;
        for (int number = 1; ; number++)
        {
            bool read = TryNext(path, mails, out any, out problem);
            bool only = number == 1 && read && !any;
            yield return Found(only ? path : $"{path}#{number}", mail) with { IsOneOfMany = !only };
            if (!read)
                yield return new MailFile($"{path}#{number + 1}", null, problem);
            if (!any)
                yield break;
            mail = mails.Current;
        }
    }

    private static MailFile Found(string path, byte[]? content) => new(path, content, content is null ? TooLarge : null);

    /// <summary>The whole of a file, or the mails of an mbox one by one; null for one that is too large.</summary>
    private static IEnumerable<byte[]?> Contents(Func<Stream> open)
    {
        using var stream = new BufferedStream(open());
        byte[] start = new byte[MboxReader.Separator.Length];
        int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(start.AsMemory(0, length), stream);
        if (!start.AsSpan(0, length).SequenceEqual(MboxReader.Separator))
        {
            yield return ReadAll(whole, LengthOf(stream));
            yield break;
        }

        foreach (byte[]? mail in new MboxReader(whole, MaxBytes).Read())
            yield return mail;
    }

    /// <summary>False when the file cannot be read on; <paramref name="problem"/> says why.</summary>
    private static bool TryNext(string path, IEnumerator<byte[]?> mails, out bool any, out string? problem)
    {
        any = false;
        problem = null;
        try
        {
            any = mails.MoveNext();
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            problem = Words(path, failed);
            return false;
        }
    }

    private static MailFile ReadWhole(string path, Func<Stream> open)
    {
        try
        {
            using Stream stream = open();
            return Found(path, ReadAll(stream, LengthOf(stream)));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return new MailFile(path, null, Words(path, failed));
        }
    }

    private static string Words(string path, Exception failed) => failed switch
    {
        FileNotFoundException or DirectoryNotFoundException when IsUnreadableName(path) => "its name is not UTF-8; give it another one",
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        _ => failed.Message,
    };

    /// <summary>What the runtime puts in the place of octets that are no UTF-8: such a file is listed, and cannot be opened.</summary>
    public static bool IsUnreadableName(string path) => path.Contains('\uFFFD', StringComparison.Ordinal);

    /// <summary>0 for a pipe, which does not say.</summary>
    private static long LengthOf(Stream stream) => stream.CanSeek ? stream.Length : 0;

    /// <param name="length">What the stream is expected to hold; it may hold less or more by now.</param>
    private static byte[]? ReadAll(Stream stream, long length)
    {
        const int least = 4096;
        if (length > MaxBytes)
            return null;
        byte[] content = new byte[Math.Max(least, length + 1)];
        int filled = 0;
        for (int read; (read = stream.Read(content, filled, content.Length - filled)) > 0;)
        {
            filled += read;
            if (filled > MaxBytes)
                return null;
            if (filled == content.Length)
                Array.Resize(ref content, 2 * filled);
        }

        return filled == content.Length ? content : content[..filled];
    }
}
