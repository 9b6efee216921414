using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Postmaster.Web.Data;

namespace Postmaster.Tests.Support;

/// <summary>What a thief of the disk would search: the octets of SQLite's files, or every column of every table of PostgreSQL.</summary>
internal static class RawDatabase
{
    public static async Task<bool> ContainsAsync(PostmasterApp app, string text)
    {
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        await using PostmasterDb db = await app.OpenDbAsync();
        if (db.Database.IsNpgsql())
            return await TablesContainAsync(db, wanted);
        // While a connection stands, the last other one to close does not take the log of writes away.
        await db.Database.OpenConnectionAsync();
        foreach (string file in Directory.EnumerateFiles(app.DataPath, "postmaster.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            if (Holds(copy.ToArray(), wanted))
                return true;
        }

        return false;
    }

    private static async Task<bool> TablesContainAsync(PostmasterDb db, byte[] wanted)
    {
        await using var connection = new NpgsqlConnection(db.Database.GetConnectionString());
        await connection.OpenAsync();
        foreach (string table in db.Model.GetEntityTypes().Select(e => e.GetTableName()!).Distinct(StringComparer.Ordinal))
        {
            await using DbCommand all = connection.CreateCommand();
#pragma warning disable CA2100 // The names of our own tables.
            all.CommandText = $"SELECT * FROM \"{table}\"";
#pragma warning restore CA2100
            await using DbDataReader rows = await all.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                for (int i = 0; i < rows.FieldCount; i++)
                {
                    if (Holds(rows.GetValue(i) as byte[] ?? Encoding.UTF8.GetBytes(rows.GetValue(i).ToString()!), wanted))
                        return true;
                }
            }
        }

        return false;
    }

    /// <summary>Without regard to the case of ASCII letters: an address is found however it was written.</summary>
    private static bool Holds(byte[] octets, byte[] wanted) =>
        Encoding.Latin1.GetString(octets).Contains(Encoding.Latin1.GetString(wanted), StringComparison.OrdinalIgnoreCase);
}
