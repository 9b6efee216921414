using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Fairness : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "ComplaintInPart",
                table: "TrafficHours",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "ComplaintInPart",
                table: "TrafficDays",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "MailboxSince",
                table: "KeptComplaints",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "InPart",
                table: "Complaints",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_KeptComplaints_MailboxKey_PressedAt",
                table: "KeptComplaints",
                columns: new[] { "MailboxKey", "PressedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_KeptComplaints_MailboxKey_PressedAt",
                table: "KeptComplaints");

            migrationBuilder.DropColumn(
                name: "ComplaintInPart",
                table: "TrafficHours");

            migrationBuilder.DropColumn(
                name: "ComplaintInPart",
                table: "TrafficDays");

            migrationBuilder.DropColumn(
                name: "MailboxSince",
                table: "KeptComplaints");

            migrationBuilder.DropColumn(
                name: "InPart",
                table: "Complaints");
        }
    }
}
