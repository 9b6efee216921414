using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Cfbl : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "CfblContacts",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    AddressKey = table.Column<byte[]>(type: "bytea", nullable: false),
                    Address = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Domain = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    FirstAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    LastAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    Day = table.Column<DateOnly>(type: "date", nullable: false),
                    OnDay = table.Column<int>(type: "integer", nullable: false),
                    Total = table.Column<int>(type: "integer", nullable: false),
                    ConfirmedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    RefusedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    BlockedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    PausedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    PauseAnswer = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Failures = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CfblContacts", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CfblInvitations",
                columns: table => new
                {
                    KeptId = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Source = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Address = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    AddressKey = table.Column<byte[]>(type: "bytea", nullable: true),
                    AddressDomain = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Format = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Qualifies = table.Column<bool>(type: "boolean", nullable: false),
                    By = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Code = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Reason = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Section = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Reputation = table.Column<byte>(type: "smallint", nullable: true),
                    Fate = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    OutboxId = table.Column<Guid>(type: "uuid", nullable: true),
                    ContactId = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CfblInvitations", x => new { x.KeptId, x.Number });
                    table.ForeignKey(
                        name: "FK_CfblInvitations_KeptComplaints_KeptId",
                        column: x => x.KeptId,
                        principalTable: "KeptComplaints",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_CfblContacts_AddressKey",
                table: "CfblContacts",
                column: "AddressKey",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_CfblContacts_Day_Domain",
                table: "CfblContacts",
                columns: new[] { "Day", "Domain" });

            migrationBuilder.CreateIndex(
                name: "IX_CfblContacts_LastAt",
                table: "CfblContacts",
                column: "LastAt");

            migrationBuilder.CreateIndex(
                name: "IX_CfblInvitations_ContactId",
                table: "CfblInvitations",
                column: "ContactId",
                filter: "\"ContactId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_CfblInvitations_OutboxId",
                table: "CfblInvitations",
                column: "OutboxId",
                filter: "\"OutboxId\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "CfblContacts");

            migrationBuilder.DropTable(
                name: "CfblInvitations");
        }
    }
}
