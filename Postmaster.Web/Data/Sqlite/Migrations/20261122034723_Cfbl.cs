using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
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
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    AddressKey = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Address = table.Column<string>(type: "TEXT", maxLength: 320, nullable: true),
                    Domain = table.Column<string>(type: "TEXT", maxLength: 253, nullable: false),
                    FirstAt = table.Column<long>(type: "INTEGER", nullable: false),
                    LastAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    OnDay = table.Column<int>(type: "INTEGER", nullable: false),
                    Total = table.Column<int>(type: "INTEGER", nullable: false),
                    ConfirmedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    RefusedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    BlockedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PausedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    PauseAnswer = table.Column<string>(type: "TEXT", maxLength: 998, nullable: true),
                    Failures = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_CfblContacts", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "CfblInvitations",
                columns: table => new
                {
                    KeptId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Source = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Address = table.Column<string>(type: "TEXT", maxLength: 320, nullable: true),
                    AddressKey = table.Column<byte[]>(type: "BLOB", nullable: true),
                    AddressDomain = table.Column<string>(type: "TEXT", maxLength: 253, nullable: false),
                    Format = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Qualifies = table.Column<bool>(type: "INTEGER", nullable: false),
                    By = table.Column<string>(type: "TEXT", maxLength: 998, nullable: false),
                    Code = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 998, nullable: false),
                    Section = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Reputation = table.Column<byte>(type: "INTEGER", nullable: true),
                    Fate = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    OutboxId = table.Column<Guid>(type: "TEXT", nullable: true),
                    ContactId = table.Column<Guid>(type: "TEXT", nullable: true)
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
