using System.Globalization;
using Microsoft.Data.Sqlite;
using Postmaster.Web.Data.Cells;
using SQLitePCL;

namespace Postmaster.Web.Data.Sqlite;

/// <summary>
/// Adds to many cells by one prepared statement through the database's own interface: the driver looks each parameter up by its name for each row,
/// which takes longer than the rest of the work.
/// </summary>
internal static class SqliteCells
{
    public static void Add(SqliteConnection connection, CellTable table, CellBatch deltas)
    {
        IReadOnlyList<int> columns = deltas.UsedColumns();
        string values = string.Concat(Enumerable.Range(2, columns.Count).Select(i => string.Create(CultureInfo.InvariantCulture, $", ?{i}")));
        sqlite3 database = connection.Handle!;
        Check(database, raw.sqlite3_prepare_v2(database, $"{table.InsertInto(columns)} VALUES (?1{values}) {table.OnConflict(columns)}", out sqlite3_stmt statement));
        using (statement)
        {
            // What stays the same from row to row, mostly 0, is bound once.
            long[] bound = new long[columns.Count];
            for (int i = 0; i < bound.Length; i++)
                raw.sqlite3_bind_int64(statement, i + 2, 0);
            for (int place = 0; place < deltas.Count; place++)
            {
                (long key, int row) = deltas[place];
                ReadOnlySpan<long> numbers = deltas.Numbers(row);
                raw.sqlite3_bind_int64(statement, 1, key);
                for (int i = 0; i < bound.Length; i++)
                {
                    long number = numbers[columns[i]];
                    if (number != bound[i])
                        raw.sqlite3_bind_int64(statement, i + 2, bound[i] = number);
                }

                int answer = raw.sqlite3_step(statement);
                raw.sqlite3_reset(statement);
                Check(database, answer);
            }
        }
    }

    private static void Check(sqlite3 database, int answer)
    {
        if (answer is not (raw.SQLITE_OK or raw.SQLITE_DONE))
            throw new SqliteException(raw.sqlite3_errmsg(database).utf8_to_string(), answer, raw.sqlite3_extended_errcode(database));
    }
}
