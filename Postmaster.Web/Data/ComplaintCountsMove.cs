namespace Postmaster.Web.Data;

/// <summary>Moves the daily counts of complaints into the traffic's cells, where they are counted since the migration <c>ComplaintCells</c>.</summary>
internal static class ComplaintCountsMove
{
    /// <param name="day">SQL for the days since 2000-01-01 of <c>c."Day"</c>, which is the lower part of a cell's key.</param>
    public static string Sql(string day) =>
        $"""
        INSERT INTO "MailDomains" ("Name", "FirstDay", "LastDay")
        SELECT "Domain", MIN("Day"), MAX("Day") FROM "DailyCounts" WHERE "Kind" = 'Complaint' GROUP BY "Domain"
        ON CONFLICT DO NOTHING;

        INSERT INTO "MailStreams" ("DomainId", "Kind", "Value", "OwnerType", "OperatorType", "FirstDay", "LastDay")
        SELECT d."Id", 0, '', 0, 0, d."FirstDay", d."LastDay" FROM "MailDomains" d
        WHERE EXISTS (SELECT 1 FROM "DailyCounts" c WHERE c."Domain" = d."Name" AND c."Kind" = 'Complaint')
        ON CONFLICT DO NOTHING;

        INSERT INTO "TrafficDays" ("Key", "Complaint")
        SELECT CAST(s."Id" AS bigint) * 131072 + {day}, c."Count" FROM "DailyCounts" c
        JOIN "MailDomains" d ON d."Name" = c."Domain" JOIN "MailStreams" s ON s."DomainId" = d."Id" AND s."Kind" = 0
        WHERE c."Kind" = 'Complaint'
        ON CONFLICT ("Key") DO UPDATE SET "Complaint" = "TrafficDays"."Complaint" + excluded."Complaint";

        DELETE FROM "DailyCounts" WHERE "Kind" = 'Complaint';
        """;
}
