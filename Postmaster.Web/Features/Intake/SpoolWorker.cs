using Microsoft.Extensions.Options;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Intake;

/// <summary>
/// Takes up what <c>postmaster complaint</c> left in the spool. A file goes after its complaint is kept; a crash in between is harmless,
/// because the id in the file is recognised. Broken files are moved aside, never deleted.
/// </summary>
internal sealed class SpoolWorker(
    IntakeStore store, IOptions<IntakeOptions> options, DataDirectory data, TimeProvider time, ILogger<SpoolWorker> log)
    : PeriodicWorker(options.Value.SpoolInterval, time)
{
    private const string BrokenFolder = "broken";
    private readonly string _spool = options.Value.Spool is { Length: > 0 } configured ? Path.GetFullPath(configured) : data.Spool;

    protected override Task TurnAsync(CancellationToken ct) => SweepAsync(ct);

    protected override void TellFault(Exception fault) => log.SpoolFault(fault);

    /// <summary>Takes up every complete file once.</summary>
    internal async Task SweepAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(_spool);
        foreach (string path in SpoolReader.Files(_spool))
        {
            try
            {
                if (!await TakeAsync(path, ct))
                    return; // no room: the spool keeps it until there is
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // A file that this user may not read or delete stays where it is and keeps no other waiting.
                log.SpoolFault(fault);
            }
        }
    }

    /// <summary>False when there is no room on the disk.</summary>
    private async Task<bool> TakeAsync(string path, CancellationToken ct)
    {
        // The header line comes on top of the message.
        if (new FileInfo(path).Length > options.Value.MaxMessageBytes + 4096L)
        {
            MoveAside(path, "it is larger than Intake:MaxMessageBytes");
            return true;
        }

        KeepRequest? request = SpoolReader.Read(await File.ReadAllBytesAsync(path, ct), out string? problem);
        if (request is null)
        {
            MoveAside(path, problem!);
            return true;
        }

        if (await store.KeepAsync(request, ct) is not KeepOutcome.Kept)
            return false;
        File.Delete(path);
        log.SpoolTaken(request.Id);
        return true;
    }

    private void MoveAside(string path, string problem)
    {
        string folder = Path.Combine(_spool, BrokenFolder);
        Directory.CreateDirectory(folder);
        string name = Path.GetFileName(path);
        string target = Path.Combine(folder, name);
        if (File.Exists(target))
            target = Path.Combine(folder, Guid.NewGuid().ToString("N") + "-" + name);
        File.Move(path, target);
        log.SpoolBroken(name, problem, folder);
    }
}
