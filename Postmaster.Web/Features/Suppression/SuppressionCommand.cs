using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Postmaster.Web.Features.Suppression;

/// <summary>
/// The owner's command, run once for an entry. It gets the values as variables (<c>POSTMASTER_RECIPIENT</c> and so on) and as one line of JSON on
/// standard input. No shell is between: what stands in a report never becomes a word of a command line.
/// </summary>
internal sealed class SuppressionCommand
{
    public const string VariablePrefix = "POSTMASTER_";

    /// <summary>What a failing command said, so far as people are shown it.</summary>
    private const int MaxWords = 500;

    /// <summary>A child of the command may hold its output open for ever.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<string> _words;
    private readonly TimeSpan _limit;

    private SuppressionCommand(IReadOnlyList<string> words, TimeSpan limit) => (_words, _limit) = (words, limit);

    /// <param name="line">The path of a program, or a program and its arguments, with quotes where they hold blanks.</param>
    /// <param name="limit">A command that takes longer is killed and has failed.</param>
    /// <returns>Null when it holds no program or a quote is not closed.</returns>
    public static SuppressionCommand? Parse(string line, TimeSpan limit)
    {
        List<string>? words = File.Exists(line) ? [line] : Split(line);
        return words is [{ Length: > 0 }, ..] ? new SuppressionCommand(words, limit) : null;
    }

    /// <summary>Null when the command has done its work (exit code 0); otherwise what happened.</summary>
    public async Task<string?> RunAsync(SuppressionEntry entry, CancellationToken ct)
    {
        using var process = new Process { StartInfo = StartOf(entry) };
        try
        {
            process.Start();
        }
        catch (Win32Exception refused)
        {
            return $"cannot be started: {WhyNot(refused)}";
        }

        Task<string>[] said = [DrainAsync(process.StandardError.BaseStream), DrainAsync(process.StandardOutput.BaseStream)];
        Task told = TellAsync(process, entry);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            End(process);
            ct.ThrowIfCancellationRequested();
            return $"took longer than {_limit.TotalSeconds:0.#} seconds and was ended";
        }

        // Not longer: a pipe that nobody reads or closes cannot be given up in another way.
        await Task.WhenAny(Task.WhenAll([told, .. said]), Task.Delay(LastWords, ct));
        string words = string.Join(' ', said.Where(s => s.IsCompletedSuccessfully).Select(s => s.Result)).Trim();
        return process.ExitCode == 0 ? null : $"ended with {process.ExitCode}{(words.Length == 0 ? "" : ": " + words)}";
    }

    private string WhyNot(Win32Exception refused)
    {
        const int noSuchFile = 2, noPermission = 13;
        return refused.NativeErrorCode switch
        {
            _ when Directory.Exists(_words[0]) => $"{_words[0]} is a folder",
            noSuchFile => $"there is no program {_words[0]}, or what its first line names is missing",
            noPermission => $"{_words[0]} may not be executed",
            _ => refused.Message,
        };
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is AggregateException or Win32Exception or InvalidOperationException)
        {
            // What could be ended was.
        }
    }

    private ProcessStartInfo StartOf(SuppressionEntry entry)
    {
        var start = new ProcessStartInfo(_words[0]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in _words.Skip(1))
            start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in entry.Columns)
            start.Environment[VariablePrefix + name.ToUpperInvariant()] = value ?? "";
        return start;
    }

    private static async Task TellAsync(Process process, SuppressionEntry entry)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(entry.ToJson() + "\n"));
            process.StandardInput.Close();
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            // It does not read its input; that is its own affair.
        }
    }

    /// <summary>Reads to the end, so that the command is not held up, and keeps the beginning.</summary>
    private static async Task<string> DrainAsync(Stream stream)
    {
        byte[] piece = new byte[4096];
        byte[] kept = new byte[MaxWords];
        int length = 0;
        try
        {
            for (int read; (read = await stream.ReadAsync(piece)) > 0;)
            {
                int fit = Math.Min(read, MaxWords - length);
                piece.AsSpan(0, fit).CopyTo(kept.AsSpan(length));
                length += fit;
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // What was read so far is told.
        }

        return Encoding.UTF8.GetString(kept, 0, length).Trim();
    }

    /// <summary>Words between blanks; quotes of both kinds and a backslash take away the meaning of what they hold. Null when a quote stays open.</summary>
    private static List<string>? Split(string line)
    {
        List<string> words = [];
        StringBuilder? word = null;
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (word is not null)
                    words.Add(word.ToString());
                word = null;
                continue;
            }

            word ??= new StringBuilder();
            if (c == '\\' && quote != '\'' && i + 1 < line.Length)
                word.Append(line[++i]);
            else if (quote == '\0' && c is '"' or '\'')
                quote = c;
            else if (quote != '\0' && c == quote)
                quote = '\0';
            else
                word.Append(c);
        }

        if (word is not null)
            words.Add(word.ToString());
        return quote == '\0' ? words : null;
    }
}
