using System.Text.Json;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Intake;

/// <summary>Writes complaints to the spool so that neither a crash nor a power cut leaves half a file under a final name.</summary>
public static class SpoolWriter
{
    internal const string Extension = ".complaint";
    private const string TemporaryPrefix = ".tmp-";

    /// <summary>Returns the path of the file, which is on the disk when this returns.</summary>
    /// <exception cref="IOException">The folder is missing or full; nothing was written under a final name.</exception>
    public static async Task<string> WriteAsync(string spoolDirectory, SpoolEntry entry, Stream message, CancellationToken ct)
    {
        string name = ComplaintId.FromKey(entry.Id).ToString("N") + Extension;
        string temporary = Path.Combine(spoolDirectory, TemporaryPrefix + Guid.NewGuid().ToString("N"));
        string path = Path.Combine(spoolDirectory, name);
        try
        {
            await using (var file = new FileStream(temporary, Options()))
            {
                await file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(entry), ct);
                file.WriteByte((byte)'\n');
                await message.CopyToAsync(file, ct);
                await file.FlushAsync(ct);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
            FolderSync.Flush(spoolDirectory);
            return path;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Mail is nobody else's business: the file belongs to its writer and to the group of the service.</summary>
    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        return options;
    }
}
