using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
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
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "BothPass",
                table: "TrafficHours",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "BothKnown",
                table: "TrafficDays",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "BothPass",
                table: "TrafficDays",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "ComplianceExamples",
                columns: table => new
                {
                    DomainId = table.Column<int>(type: "INTEGER", nullable: false),
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    Requirement = table.Column<byte>(type: "INTEGER", nullable: false),
                    Time = table.Column<long>(type: "INTEGER", nullable: false),
                    MessageId = table.Column<string>(type: "TEXT", maxLength: 255, nullable: true),
                    Ip = table.Column<string>(type: "TEXT", maxLength: 45, nullable: true),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false)
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
                    Domain = table.Column<string>(type: "TEXT", maxLength: 253, nullable: false),
                    CheckedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Findings = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DomainChecks", x => x.Domain);
                });

            migrationBuilder.CreateTable(
                name: "FeederDays",
                columns: table => new
                {
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    FeederId = table.Column<int>(type: "INTEGER", nullable: false),
                    Hours = table.Column<int>(type: "INTEGER", nullable: false)
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
