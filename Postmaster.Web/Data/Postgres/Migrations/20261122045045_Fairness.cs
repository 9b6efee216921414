using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Postgres.Migrations
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
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "ComplaintInPart",
                table: "TrafficDays",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "MailboxSince",
                table: "KeptComplaints",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "InPart",
                table: "Complaints",
                type: "text",
                nullable: true,
                collation: "C");

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
