namespace Postmaster.Tests.House;

/// <summary>Dependencies point one way. A new arrow belongs in these tables, with a reason, or nowhere.</summary>
public sealed class LayerTests
{
    private static readonly Dictionary<string, string[]> EngineMayUse = new(StringComparer.Ordinal)
    {
        ["Text"] = [],
        ["Names"] = ["Text"],
        ["Dns"] = ["Text", "Names"],
        ["Mime"] = ["Text", "Names"],
        ["Dkim"] = ["Text", "Names", "Dns", "Mime"],
        ["Arc"] = ["Text", "Names", "Dns", "Mime", "Dkim"],
        ["Spf"] = ["Text", "Names", "Dns", "Mime"],
        ["Dmarc"] = ["Text", "Names", "Dns", "Mime", "Spf", "Dkim"],
        ["Authentication"] = ["Text", "Names", "Dns", "Mime", "Spf", "Dkim", "Dmarc"],
        ["Arf"] = ["Text", "Names", "Mime"],
        ["Cfbl"] = ["Text", "Names", "Dns", "Mime", "Dkim", "Authentication"],
        ["Bounces"] = ["Text", "Names", "Mime"],
        ["Smtp"] = ["Text", "Names", "Mime"],
        ["Milter"] = ["Text", "Names", "Mime", "Smtp"],
        ["Lists"] = ["Mime", "Dkim"],
        ["MtaSts"] = ["Text", "Names"],
    };

    private static readonly Dictionary<string, string[]> ProductMayUse = new(StringComparer.Ordinal)
    {
        ["Model"] = [],
        ["Data"] = ["Model", "Hosting"],
        ["Components"] = ["Model", "Data", "Features", "Hosting"],
        ["Features"] = ["Model", "Data", "Hosting", "Components"],
    };

    [Fact]
    public void Engine_folders_use_only_those_below_them() =>
        AssertLayers("Postmaster.Fbl", EngineMayUse);

    [Fact]
    public void The_product_s_floor_does_not_know_the_rooms_above_it() =>
        AssertLayers("Postmaster.Web", ProductMayUse);

    [Fact]
    public void The_engine_knows_no_clock_logger_database_or_web_server()
    {
        string[] outside = ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "Microsoft.Extensions.Logging", "TimeProvider.System"];
        List<string> found =
        [
            .. from file in SourceTree.Files("Postmaster.Fbl")
               from word in outside
               where file.Text.Contains(word, StringComparison.Ordinal)
               select $"{file.Path} names {word}",
        ];
        Assert.Empty(found);
    }

    [Fact]
    public void What_is_particular_to_SQLite_stays_in_its_folder()
    {
        List<string> found =
        [
            .. from file in SourceTree.Files("Postmaster.Web")
               where !file.Path.StartsWith("Postmaster.Web/Data/", StringComparison.Ordinal)
               where file.Text.Contains("UseSqlite", StringComparison.Ordinal) || file.Text.Contains("Microsoft.Data.Sqlite", StringComparison.Ordinal)
               select file.Path,
        ];
        Assert.Empty(found);
    }

    [Fact]
    public void Every_RFC_that_the_engine_cites_has_a_row_in_its_table()
    {
        IReadOnlySet<string> listed = SourceTree.Rfcs(SourceTree.Read("Postmaster.Fbl/RFCS.md").Replace("| ", "| RFC ", StringComparison.Ordinal));
        List<string> missing =
        [
            .. from file in SourceTree.Files("Postmaster.Fbl")
               from number in SourceTree.Rfcs(file.Text)
               where !listed.Contains(number)
               select $"{file.Path} cites RFC {number}",
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public void No_file_is_longer_than_400_lines()
    {
        List<string> tooLong =
        [
            .. from project in (string[])["Postmaster.Fbl", "Postmaster.Web", "Postmaster.Tests"]
               from file in SourceTree.Files(project)
               let lines = file.Text.AsSpan().Count('\n')
               where lines > 400
               select $"{file.Path} has {lines} lines",
        ];
        Assert.Empty(tooLong);
    }

    private static void AssertLayers(string project, Dictionary<string, string[]> mayUse)
    {
        List<string> wrong = [];
        foreach ((string path, string text) in SourceTree.Files(project))
        {
            string folder = path.Split('/')[1];
            if (!mayUse.TryGetValue(folder, out string[]? allowed))
                continue;
            wrong.AddRange(
                from named in SourceTree.Named(text, project)
                where !named.Equals(folder, StringComparison.Ordinal) && mayUse.ContainsKey(named) && !allowed.Contains(named, StringComparer.Ordinal)
                select $"{path} uses {project}.{named}");
        }

        Assert.Empty(wrong);
    }
}
