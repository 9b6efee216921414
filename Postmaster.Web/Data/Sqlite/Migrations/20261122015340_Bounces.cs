using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Bounces : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "ReleasedAt",
                table: "Outbox",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "PauseAnswer",
                table: "FeedbackAddresses",
                type: "TEXT",
                maxLength: 998,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PausedAt",
                table: "FeedbackAddresses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ResumedAt",
                table: "FeedbackAddresses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "Bounces",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    OutboxId = table.Column<Guid>(type: "TEXT", nullable: true),
                    To = table.Column<string>(type: "TEXT", maxLength: 320, nullable: true),
                    ReceivedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    SentAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    ByRelay = table.Column<bool>(type: "INTEGER", nullable: false),
                    Counts = table.Column<bool>(type: "INTEGER", nullable: false),
                    NoSuchMailbox = table.Column<bool>(type: "INTEGER", nullable: false),
                    Answer = table.Column<string>(type: "TEXT", maxLength: 998, nullable: true),
                    Outcome = table.Column<string>(type: "TEXT", maxLength: 998, nullable: false),
                    SealedRaw = table.Column<byte[]>(type: "BLOB", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Bounces", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Bounces_Outbox_OutboxId",
                        column: x => x.OutboxId,
                        principalTable: "Outbox",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_FeedbackAddresses_Address",
                table: "FeedbackAddresses",
                column: "Address");

            migrationBuilder.CreateIndex(
                name: "IX_Bounces_OutboxId",
                table: "Bounces",
                column: "OutboxId");

            migrationBuilder.CreateIndex(
                name: "IX_Bounces_ReceivedAt",
                table: "Bounces",
                column: "ReceivedAt");

            migrationBuilder.CreateIndex(
                name: "IX_Bounces_To_ReceivedAt",
                table: "Bounces",
                columns: new[] { "To", "ReceivedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Bounces");

            migrationBuilder.DropIndex(
                name: "IX_FeedbackAddresses_Address",
                table: "FeedbackAddresses");

            migrationBuilder.DropColumn(
                name: "ReleasedAt",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "PauseAnswer",
                table: "FeedbackAddresses");

            migrationBuilder.DropColumn(
                name: "PausedAt",
                table: "FeedbackAddresses");

            migrationBuilder.DropColumn(
                name: "ResumedAt",
                table: "FeedbackAddresses");
        }
    }
}
