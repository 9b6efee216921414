using System.Diagnostics;
using Postmaster.Tests.House;

namespace Postmaster.Tests.Support;

/// <summary>A C program of ours around somebody else's library, compiled here and now into a folder that goes with it.</summary>
internal sealed class CProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postmaster-peer-");

    private CProgram()
    {
    }

    private string Executable => Path.Combine(_folder.FullName, "peer");

    /// <param name="source">From the repository's root.</param>
    /// <param name="options">Of the compiler: where headers are, what is linked.</param>
    public static async Task<CProgram> CompileAsync(string source, params string[] options)
    {
        var program = new CProgram();
        await StartAsync("gcc", ["-O1", "-Wall", "-Werror", "-o", program.Executable, SourceTree.FullPath(source), .. options]);
        return program;
    }

    /// <summary>An empty folder below the program's own.</summary>
    public DirectoryInfo Folder(string name) => _folder.CreateSubdirectory(name);

    /// <summary>What it prints. Any exit code but 0 fails the test.</summary>
    public Task<string> RunAsync(params string[] arguments) => StartAsync(Executable, arguments);

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<string> StartAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
        return output;
    }
}
