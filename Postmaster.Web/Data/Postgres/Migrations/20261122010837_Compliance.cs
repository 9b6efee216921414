using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Compliance : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "BothKnown",
                table: "TrafficHours",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "BothPass",
                table: "TrafficHours",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "BothKnown",
                table: "TrafficDays",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "BothPass",
                table: "TrafficDays",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "ComplianceExamples",
                columns: table => new
                {
                    DomainId = table.Column<int>(type: "integer", nullable: false),
                    Day = table.Column<DateOnly>(type: "date", nullable: false),
                    Requirement = table.Column<byte>(type: "smallint", nullable: false),
                    Time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    MessageId = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Ip = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Reason = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ComplianceExamples", x => new { x.DomainId, x.Day, x.Requirement });
                    table.ForeignKey(
                        name: "FK_ComplianceExamples_MailDomains_DomainId",
                        column: x => x.DomainId,
                        principalTable: "MailDomains",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "DomainChecks",
                columns: table => new
                {
                    Domain = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CheckedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    Findings = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DomainChecks", x => x.Domain);
                });

            migrationBuilder.CreateTable(
                name: "FeederDays",
                columns: table => new
                {
                    Day = table.Column<DateOnly>(type: "date", nullable: false),
                    FeederId = table.Column<int>(type: "integer", nullable: false),
                    Hours = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_FeederDays", x => new { x.Day, x.FeederId });
                    table.ForeignKey(
                        name: "FK_FeederDays_Feeders_FeederId",
                        column: x => x.FeederId,
                        principalTable: "Feeders",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ComplianceExamples_Day",
                table: "ComplianceExamples",
                column: "Day");

            migrationBuilder.CreateIndex(
                name: "IX_DomainChecks_CheckedAt",
                table: "DomainChecks",
                column: "CheckedAt");

            migrationBuilder.CreateIndex(
                name: "IX_FeederDays_FeederId",
                table: "FeederDays",
                column: "FeederId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ComplianceExamples");

            migrationBuilder.DropTable(
                name: "DomainChecks");

            migrationBuilder.DropTable(
                name: "FeederDays");

            migrationBuilder.DropColumn(
                name: "BothKnown",
                table: "TrafficHours");

            migrationBuilder.DropColumn(
                name: "BothPass",
                table: "TrafficHours");

            migrationBuilder.DropColumn(
                name: "BothKnown",
                table: "TrafficDays");

            migrationBuilder.DropColumn(
                name: "BothPass",
                table: "TrafficDays");
        }
    }
}
