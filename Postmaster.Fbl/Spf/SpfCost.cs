namespace Postmaster.Fbl.Spf;

/// <summary>What a domain's record costs at worst, when no term matches and every one is evaluated: for a person who has to bring it under the limit.</summary>
/// <param name="Domain">As the term wrote it; outside text.</param>
/// <param name="Record">Null when there is not exactly one good record.</param>
/// <param name="Problem">Why not: NoRecord, SeveralRecords, a syntax error, DnsFailure; TooManyLookups where the walk ended, as in a loop.</param>
/// <param name="Lookups">Terms that ask DNS, here and in all records below (RFC 7208 §4.6.4).</param>
/// <param name="Terms">Those that ask, in the order of the record; the redirect last.</param>
public sealed record SpfCost(string Domain, SpfRecord? Record, SpfProblem Problem, int Lookups, IReadOnlyList<SpfTermCost> Terms);

/// <summary>What one term costs, with all below it: what taking it out would save.</summary>
/// <param name="Term">As written.</param>
/// <param name="Inner">Of an include or redirect; null for other terms, and where the name depends on the message.</param>
public sealed record SpfTermCost(string Term, int Lookups, SpfCost? Inner);
