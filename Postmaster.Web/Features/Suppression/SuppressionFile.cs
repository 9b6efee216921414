using System.Text;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Suppression;

/// <summary>What happens in order when entries are kept; a crash may come after each.</summary>
internal enum KeepStep
{
    Locked,
    CommandsDue,
    Written,
    InPlace,
}

/// <summary>
/// The suppression list on the disk. A new file takes the place of the old one in a single rename, so readers and crashes see either; a lock on
/// <c>FILE.lock</c> lets one process at a time add to it. It is streamed: the memory holds the new entries only.
/// </summary>
internal sealed class SuppressionFile
{
    /// <summary>A run holds the lock for one copy of the file; who waits longer waits for a process that hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly TimeProvider _time;

    public SuppressionFile(string path, TimeProvider time)
    {
        // The rename would put a file in the place of a link.
        Path = System.IO.Path.GetFullPath(new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName);
        _time = time;
        Due = new DueCommands(Path + ".due");
    }

    public string Path { get; }

    public DueCommands Due { get; }

    /// <summary>For tests: called after each step.</summary>
    public Action<KeepStep>? Reached { get; init; }

    /// <summary>Null when the file is a suppression list, empty or not there; otherwise why entries cannot be added to it.</summary>
    public string? WhyNotOne()
    {
        if (Directory.Exists(Path))
            return "is a folder";
        if (!Directory.Exists(Folder))
            return "is in a folder that does not exist";
        // Before anything is read: a pipe without a writer would keep the reader waiting.
        if (SpecialFile.Is(Path))
            return "is a device or a pipe, and no file";
        if (!File.Exists(Path))
            return null;
        char[] start = new char[SuppressionCsv.Header.Length + 1];
        using var reader = new StreamReader(Path, Utf8);
        int length = reader.ReadBlock(start);
        string line = new string(start, 0, length).TrimEnd('\r', '\n');
        return length == 0 || line.Equals(SuppressionCsv.Header, StringComparison.Ordinal) ? null : "is another file: its first line does not have the columns of a suppression list";
    }

    /// <summary>Adds those entries that are not on the list. When it returns they are on the disk.</summary>
    /// <param name="withCommand">Whether a command is due for each new entry.</param>
    /// <returns>The ids of the new ones.</returns>
    /// <exception cref="IOException">Nothing was added.</exception>
    public async Task<IReadOnlySet<string>> KeepAsync(IEnumerable<SuppressionEntry> entries, bool withCommand, CancellationToken ct)
    {
        var wanted = new OrderedDictionary<string, SuppressionEntry>(StringComparer.Ordinal);
        foreach (SuppressionEntry entry in entries)
            wanted.TryAdd(entry.Id, entry);
        if (wanted.Count == 0)
            return new HashSet<string>(StringComparer.Ordinal);

        await using FileStream held = await LockAsync(ct);
        Reached?.Invoke(KeepStep.Locked);
        if (WhyNotOne() is { } wrong)
            throw new IOException($"{Path} {wrong}");
        await ForgetKnownAsync(wanted, ct);
        if (wanted.Count > 0)
        {
            // Before the list: after a crash between the two the command runs once too often, never not at all.
            if (withCommand)
                Due.Add(wanted.Values);
            Reached?.Invoke(KeepStep.CommandsDue);
            await ReplaceAsync(wanted.Values, ct);
        }

        return wanted.Keys.ToHashSet(StringComparer.Ordinal);
    }

    private string Folder => System.IO.Path.GetDirectoryName(Path)!;

    private async Task<FileStream> LockAsync(CancellationToken ct)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(Path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (_time.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Pause, _time, ct);
            }
        }
    }

    private async Task ForgetKnownAsync(OrderedDictionary<string, SuppressionEntry> wanted, CancellationToken ct)
    {
        if (!File.Exists(Path))
            return;
        using var reader = new StreamReader(Path, Utf8);
        while (wanted.Count > 0 && await reader.ReadLineAsync(ct) is { } line)
            wanted.Remove(SuppressionCsv.IdOf(line));
    }

    private async Task ReplaceAsync(IEnumerable<SuppressionEntry> added, CancellationToken ct)
    {
        string next = Path + ".new";
        // Whoever complained is nobody else's business; a mode that the owner gave the list stays.
        UnixFileMode mode = OperatingSystem.IsWindows() ? default : File.Exists(Path) ? File.GetUnixFileMode(Path) : UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var file = new FileStream(next, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file.SafeFileHandle, mode);
            if (File.Exists(Path))
            {
                await using FileStream old = File.OpenRead(Path);
                await old.CopyToAsync(file, ct);
            }

            EndLine(file);
            await using var text = new StreamWriter(file, Utf8, leaveOpen: true) { NewLine = "\n" };
            if (file.Length == 0)
                await text.WriteLineAsync(SuppressionCsv.Header);
            foreach (SuppressionEntry entry in added)
                await text.WriteLineAsync(SuppressionCsv.Row(entry));
            await text.FlushAsync(ct);
            file.Flush(flushToDisk: true);
        }

        Reached?.Invoke(KeepStep.Written);
        File.Move(next, Path, overwrite: true);
        FolderSync.Flush(Folder);
        Reached?.Invoke(KeepStep.InPlace);
    }

    /// <summary>An editor may have left the last line without its end.</summary>
    private static void EndLine(FileStream file)
    {
        if (file.Length == 0)
            return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != '\n')
            file.WriteByte((byte)'\n');
    }
}
