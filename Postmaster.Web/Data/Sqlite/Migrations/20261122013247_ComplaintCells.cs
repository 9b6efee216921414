using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ComplaintCells : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_MailStreams_OwnerType_OperatorType",
                table: "MailStreams",
                columns: new[] { "OwnerType", "OperatorType" },
                filter: "\"OwnerType\" <> 0 OR \"OperatorType\" <> 0");
            migrationBuilder.Sql(ComplaintCountsMove.Sql("CAST(julianday(c.\"Day\") - julianday('2000-01-01') AS INTEGER)"));
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_MailStreams_OwnerType_OperatorType",
                table: "MailStreams");
        }
    }
}
