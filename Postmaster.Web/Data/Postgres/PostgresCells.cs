using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Postmaster.Web.Data.Cells;

namespace Postmaster.Web.Data.Postgres;

/// <summary>Adds to many cells by one statement: an array for each column.</summary>
internal static class PostgresCells
{
    /// <summary>Rows of a statement.</summary>
    private const int Chunk = 8192;

    public static async Task AddAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CellTable table, CellBatch deltas, CancellationToken ct)
    {
        IReadOnlyList<int> columns = deltas.UsedColumns();
        string arrays = string.Join(", ", Enumerable.Range(1, columns.Count + 1).Select(i => string.Create(CultureInfo.InvariantCulture, $"${i}")));
        string sql = $"{table.InsertInto(columns)} SELECT * FROM unnest({arrays}) {table.OnConflict(columns)}";
        for (int start = 0; start < deltas.Count; start += Chunk)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            foreach (long[] array in Arrays(deltas, columns, start, Math.Min(Chunk, deltas.Count - start)))
                command.Parameters.Add(new NpgsqlParameter { Value = array, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    private static long[][] Arrays(CellBatch deltas, IReadOnlyList<int> columns, int start, int count)
    {
        var arrays = new long[columns.Count + 1][];
        for (int i = 0; i < arrays.Length; i++)
            arrays[i] = new long[count];
        for (int place = 0; place < count; place++)
        {
            (long key, int row) = deltas[start + place];
            ReadOnlySpan<long> numbers = deltas.Numbers(row);
            arrays[0][place] = key;
            for (int i = 0; i < columns.Count; i++)
                arrays[i + 1][place] = numbers[columns[i]];
        }

        return arrays;
    }
}
