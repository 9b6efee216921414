using System.Text;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Accounts;

/// <summary>The octets of the database files: what a thief of the disk would search.</summary>
internal static class RawDatabase
{
    public static bool Contains(PostmasterApp app, string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        foreach (string file in Directory.EnumerateFiles(app.DataPath, "postmaster.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            if (copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(wanted) >= 0)
                return true;
        }

        return false;
    }
}
