using System.Text.Json;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>Reads what <see cref="SpoolWriter"/> wrote: one JSON line, then the message as it is.</summary>
public static class SpoolReader
{
    /// <summary>Octets of the first line; a longer one is no header of ours.</summary>
    private const int MaxHeaderLength = 4096;

    /// <summary>Complete files, oldest first by name; what is still being written is left out.</summary>
    public static IEnumerable<string> Files(string spoolDirectory) =>
        Directory.EnumerateFiles(spoolDirectory, "*" + SpoolWriter.Extension).Order(StringComparer.Ordinal);

    /// <param name="problem">Words for the log when the file is no spool file; null otherwise.</param>
    public static KeepRequest? Read(byte[] file, out string? problem)
    {
        int end = file.AsSpan(0, Math.Min(file.Length, MaxHeaderLength)).IndexOf((byte)'\n');
        if (end < 0)
            return Broken("its first line is too long", out problem);
        SpoolEntry? entry;
        try
        {
            entry = JsonSerializer.Deserialize<SpoolEntry>(file.AsSpan(0, end));
        }
        catch (JsonException)
        {
            return Broken("its first line is not the JSON it should be", out problem);
        }

        if (entry is null || !ComplaintId.IsKey(entry.Id) || !Enum.IsDefined(entry.Press))
            return Broken("its first line names no id", out problem);
        if (!MailAddress.TryParse(entry.Mailbox, out MailAddress? mailbox, out _))
            return Broken("its mailbox is not a mail address", out problem);
        if (end + 1 == file.Length)
            return Broken("it holds no message", out problem);
        problem = null;
        return new KeepRequest
        {
            Id = ComplaintId.FromKey(entry.Id),
            Door = IntakeDoor.Spool,
            Press = entry.Press,
            Mailbox = mailbox,
            MailboxSince = entry.MailboxSince,
            PressedAt = entry.PressedAt,
            Raw = file.AsMemory(end + 1),
            Message = Range.All,
        };
    }

    private static KeepRequest? Broken(string what, out string? problem)
    {
        problem = what;
        return null;
    }
}
