using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Model;

namespace Postmaster.Benchmarks;

/// <summary>Fills an archive as counting and the merger would have left it: by SQL in SQLite, by COPY in PostgreSQL.</summary>
internal static class ArchiveDatabase
{
    public const string Domain = "sender.example";

    public static readonly string[] Vocabulary =
        [.. "spring summer autumn winter sale offer weekly news invoice order shipped reminder webinar invitation account password update free gift card points travel hotel flight book music sport garden kitchen".Split(' ')];

    public static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string Name, NpgsqlDbType Type)[] ComplaintColumns =
    [
        ("Id", NpgsqlDbType.Uuid), ("KeptId", NpgsqlDbType.Uuid), ("Domain", NpgsqlDbType.Text), ("SigningDomain", NpgsqlDbType.Text), ("PressedAt", NpgsqlDbType.TimestampTz),
        ("ArrivedAt", NpgsqlDbType.TimestampTz), ("Subject", NpgsqlDbType.Text), ("MessageId", NpgsqlDbType.Text), ("ListId", NpgsqlDbType.Text), ("FeedbackId", NpgsqlDbType.Text),
        ("Press", NpgsqlDbType.Text), ("Evidence", NpgsqlDbType.Text), ("ArchiveBlockId", NpgsqlDbType.Integer), ("ArchivePlace", NpgsqlDbType.Integer),
    ];

    private static readonly (string Name, NpgsqlDbType Type)[] BlockColumns =
        [("Id", NpgsqlDbType.Integer), ("Domain", NpgsqlDbType.Text), ("OldestAt", NpgsqlDbType.TimestampTz), ("NewestAt", NpgsqlDbType.TimestampTz), ("Places", NpgsqlDbType.Bytea), ("Handled", NpgsqlDbType.Bytea)];

    private static readonly (string Name, NpgsqlDbType Type)[] WordColumns = [("BlockId", NpgsqlDbType.Integer), ("Word", NpgsqlDbType.Text), ("Places", NpgsqlDbType.Bytea)];

    /// <summary>Takes a row: null stands for no value, instants are <see cref="DateTimeOffset"/>.</summary>
    private delegate void Row(params ReadOnlySpan<object?> values);

    /// <returns>The ids of all complaints.</returns>
    public static List<Guid> Fill(IServiceProvider services, int complaints, string? postgres)
    {
        using var db = services.GetRequiredService<IDbContextFactory<PostmasterDb>>().CreateDbContext();
        db.Database.Migrate();
        return postgres is null ? FillSqlite(db.Database.GetConnectionString()!, complaints) : FillPostgres(postgres, complaints);
    }

    private static List<Guid> FillSqlite(string database, int complaints)
    {
        using var connection = new SqliteConnection(database);
        connection.Open();
        using (SqliteCommand settings = connection.CreateCommand())
        {
            settings.CommandText = "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144;";
            settings.ExecuteNonQuery();
        }

        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand complaint = Insert(connection, "Complaints", ComplaintColumns), block = Insert(connection, "ArchiveBlocks", BlockColumns), word = Insert(connection, "ArchiveWords", WordColumns);
        List<Guid> ids = Write(complaints, values => Run(complaint, values), values => Run(block, values), values => Run(word, values));
        transaction.Commit();
        return ids;
    }

    /// <summary>Each table over a connection of its own, at the same time; what refers to what is not looked at, as the complaints have no messages.</summary>
    private static List<Guid> FillPostgres(string database, int complaints)
    {
        using NpgsqlConnection first = Open(database), second = Open(database), third = Open(database);
        List<Guid> ids;
        using (NpgsqlBinaryImporter complaint = Copy(first, "Complaints", ComplaintColumns), block = Copy(second, "ArchiveBlocks", BlockColumns), word = Copy(third, "ArchiveWords", WordColumns))
        {
            ids = Write(complaints, values => Run(complaint, ComplaintColumns, values), values => Run(block, BlockColumns, values), values => Run(word, WordColumns, values));
            complaint.Complete();
            block.Complete();
            word.Complete();
        }

        using NpgsqlCommand known = first.CreateCommand();
        known.CommandText = "VACUUM ANALYZE \"Complaints\", \"ArchiveBlocks\", \"ArchiveWords\"";
        known.CommandTimeout = 0;
        known.ExecuteNonQuery();
        return ids;
    }

    private static List<Guid> Write(int complaints, Row complaint, Row block, Row word)
    {
        var random = new Random(42);
        var ids = new List<Guid>(complaints);
        for (int first = 0; first < complaints; first += PlaceSet.Places)
        {
            List<Complaint> rows = [.. Enumerable.Range(first, Math.Min(PlaceSet.Places, complaints - first)).Select(n => Make(n, complaints, random)).Reverse()];
            int id = (first / PlaceSet.Places) + 1;
            bool closed = rows.Count == PlaceSet.Places;
            for (int place = 0; place < rows.Count; place++)
            {
                Complaint c = rows[place];
                ids.Add(c.Id);
                complaint(c.Id, c.KeptId, c.Domain, c.SigningDomain, c.PressedAt, c.ArrivedAt, c.Subject, c.MessageId, c.ListId, c.FeedbackId, c.Press.ToString(), c.Evidence.ToString(),
                    closed ? id : null, closed ? place : null);
            }

            if (!closed)
                continue;
            block(id, Domain, rows[^1].PressedAt, rows[0].PressedAt, BlockPlaces.Write(rows.ConvertAll(r => (r.PressedAt, r.Id))), new PlaceSet().WriteBitmap());
            foreach (ArchiveWord w in ArchiveMerger.WordsOf(id, rows))
                word(w.BlockId, w.Word, w.Places);
        }

        return ids;
    }

    private static Complaint Make(int number, int complaints, Random random)
    {
        var pressed = Now.AddSeconds(-(complaints - number) * 60.0);
        string Word() => Vocabulary[random.Next(Vocabulary.Length)];
        return new Complaint
        {
            Id = Guid.CreateVersion7(pressed), KeptId = Guid.NewGuid(), Domain = Domain, SigningDomain = $"m{number % 8}.{Domain}", PressedAt = pressed, ArrivedAt = pressed.AddHours(-2),
            Subject = $"{Word()} {Word()} {Word()} {Word()} {(number % 2 == 0 ? "even" : "odd")} {number % 5000}", MessageId = $"m{number}.abc@{Domain}", ListId = $"list{number % 40}.{Domain}",
            FeedbackId = $"c{number % 900}:shop:news:{Domain}", Press = number % 97 == 0 ? Press.Phishing : Press.Spam, Evidence = Evidence.VerifiedNow,
        };
    }

    private static NpgsqlConnection Open(string database)
    {
        var connection = new NpgsqlConnection(database);
        connection.Open();
        using NpgsqlCommand free = connection.CreateCommand();
        free.CommandText = "SET session_replication_role = replica";
        free.ExecuteNonQuery();
        return connection;
    }

    private static NpgsqlBinaryImporter Copy(NpgsqlConnection connection, string table, (string Name, NpgsqlDbType Type)[] columns) =>
        connection.BeginBinaryImport($"COPY \"{table}\" ({Names(columns)}) FROM STDIN (FORMAT BINARY)");

    private static void Run(NpgsqlBinaryImporter rows, (string Name, NpgsqlDbType Type)[] columns, ReadOnlySpan<object?> values)
    {
        rows.StartRow();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is { } value)
                rows.Write(value, columns[i].Type);
            else
                rows.WriteNull();
        }
    }

    private static SqliteCommand Insert(SqliteConnection connection, string table, (string Name, NpgsqlDbType Type)[] columns)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO \"{table}\" ({Names(columns)}) VALUES ({string.Join(", ", columns.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"$p{i}")))})";
        for (int i = 0; i < columns.Length; i++)
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"$p{i}"), DBNull.Value);
        return command;
    }

    private static void Run(SqliteCommand command, ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] switch { null => DBNull.Value, DateTimeOffset at => Instant(at), { } value => value };
        command.ExecuteNonQuery();
    }

    private static string Names((string Name, NpgsqlDbType Type)[] columns) => string.Join(", ", columns.Select(c => $"\"{c.Name}\""));

    private static long Instant(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}
