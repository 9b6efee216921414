using System.Globalization;
using System.Security.Cryptography;
using Postmaster.Fbl.Mime;

namespace Postmaster.Benchmarks;

/// <summary>Reading the tree of a mail: headers, parts, offsets; beside SHA-256 over the same octets.</summary>
internal static class MimeRates
{
    public static void Measure(Table table)
    {
        foreach (var (bytes, asked) in ((int, double)[])[(4600, 0.5), (40 * 1024, 1), (300 * 1024, 1)])
        {
            var mail = Mails.OfSize(bytes);
            var sha = Rate.Of(() => SHA256.HashData(mail));
            var ours = Rate.Of(() => MessageReader.Read(mail));
            table.Add(string.Create(CultureInfo.InvariantCulture, $"MIME tree {bytes / 1024.0:0.#} KB"), ours, "SHA-256", sha.PerSecond, asked);
        }
    }
}
