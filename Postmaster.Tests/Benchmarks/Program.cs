using Postmaster.Benchmarks;

// How fast the engine is beside its peers, measured in one run on one core: dotnet run -c Release --project Postmaster.Tests/Benchmarks
// An argument names the parts that are wanted (dkim, mime, spf, text, arf, process, milter, pages, ingest, memory, archive, complaints); none means all. With full, pages has 10,000 domains and two
// years, and memory 50 million deliveries.
OneCore.Keep();
var table = new Table();
var wanted = args.Length == 0 ? ["dkim", "mime", "spf", "text", "arf", "process", "milter", "pages", "ingest", "memory", "archive", "complaints"] : args;
if (wanted.Contains("dkim", StringComparer.Ordinal))
    DkimRates.Measure(table);
if (wanted.Contains("mime", StringComparer.Ordinal))
    MimeRates.Measure(table);
if (wanted.Contains("spf", StringComparer.Ordinal))
    SpfRates.Measure(table);
if (wanted.Contains("text", StringComparer.Ordinal))
    TextRates.Measure(table);
if (wanted.Contains("arf", StringComparer.Ordinal))
    ArfRates.Measure(table);
if (wanted.Contains("process", StringComparer.Ordinal))
    ProcessRates.Measure(table);
if (wanted.Contains("milter", StringComparer.Ordinal))
    MilterRates.Measure(table);
if (wanted.Contains("pages", StringComparer.Ordinal))
    PageQueryRates.Measure(table, full: args.Contains("full", StringComparer.Ordinal));
if (wanted.Contains("ingest", StringComparer.Ordinal))
    IngestRates.Measure(table);
if (wanted.Contains("memory", StringComparer.Ordinal))
    MemoryRates.Measure(table, full: args.Contains("full", StringComparer.Ordinal));
if (wanted.Contains("archive", StringComparer.Ordinal))
    ArchiveRates.Measure(table);
if (wanted.Contains("complaints", StringComparer.Ordinal))
    ComplaintRates.Measure(table);
table.Print();
