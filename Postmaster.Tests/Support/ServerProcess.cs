using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;

namespace Postmaster.Tests.Support;

/// <summary>
/// The built product in a process of its own, for what only a real process shows: being killed, the command line, memory.
/// Keeps the lines that it prints; <see cref="Kill"/> is SIGKILL.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<Guid, (string Words, TaskCompletionSource<string> Seen)> _waiting = new();

    private ServerProcess(Process process) => _process = process;

    public IReadOnlyCollection<string> Lines => _lines;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The program that was built with the tests, in the same configuration.</summary>
    public static string ProgramPath
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            string root = Conformance.RepositoryRoot ?? throw new InvalidOperationException("The tests do not run inside the repository.");
            return Path.Combine(root, "Postmaster.Web", "bin", output.Parent!.Name, output.Name, "postmaster.dll");
        }
    }

    public static ServerProcess Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? settings = null, Stream? input = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(ProgramPath);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string key, string value) in settings ?? ImmutableDictionary<string, string>.Empty)
            start.Environment["Postmaster__" + key.Replace(":", "__", StringComparison.Ordinal)] = value;

        var server = new ServerProcess(new Process { StartInfo = start });
        server._process.OutputDataReceived += (_, line) => server.Take(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Take(line.Data);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        if (input is not null)
            input.CopyTo(server._process.StandardInput.BaseStream);
        server._process.StandardInput.Close();
        return server;
    }

    /// <summary>Returns the first line, past or future, that holds the words.</summary>
    public async Task<string> WaitForLineAsync(string words, TimeSpan longest)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var key = Guid.NewGuid();
        _waiting[key] = (words, seen);
        if (_lines.FirstOrDefault(l => l.Contains(words, StringComparison.Ordinal)) is { } past)
            seen.TrySetResult(past);
        try
        {
            return await seen.Task.WaitAsync(longest);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"The server did not print \"{words}\" within {longest}. It printed:\n{string.Join('\n', _lines)}", late);
        }
        finally
        {
            _waiting.TryRemove(key, out _);
        }
    }

    public async Task<int> WaitForExitAsync(TimeSpan longest)
    {
        await _process.WaitForExitAsync().WaitAsync(longest);
        return _process.ExitCode;
    }

    /// <summary>kill -9: the process gets no chance to tidy up.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        _lines.Enqueue(line);
        foreach ((string words, TaskCompletionSource<string> seen) in _waiting.Values)
        {
            if (line.Contains(words, StringComparison.Ordinal))
                seen.TrySetResult(line);
        }
    }
}
