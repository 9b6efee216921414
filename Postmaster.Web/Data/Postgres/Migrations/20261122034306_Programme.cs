using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Postmaster.Web.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Programme : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropPrimaryKey(
                name: "PK_ReportDeliveries",
                table: "ReportDeliveries");

            migrationBuilder.DropIndex(
                name: "IX_Outbox_KeptId_To",
                table: "Outbox");

            migrationBuilder.AddColumn<Guid>(
                name: "FeedbackAddressId",
                table: "Outbox",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsReplay",
                table: "Outbox",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "LeftAt",
                table: "FeedbackAddresses",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ArchiveBlockId",
                table: "Complaints",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ArchivePlace",
                table: "Complaints",
                type: "integer",
                nullable: true);

            migrationBuilder.AddPrimaryKey(
                name: "PK_ReportDeliveries",
                table: "ReportDeliveries",
                columns: new[] { "ComplaintId", "FeedbackAddressId", "OutboxId" });

            migrationBuilder.CreateTable(
                name: "ApiKeys",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    KeyHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Prefix = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Scope = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    CreatedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    LastUsedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    EndedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiKeys", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ApiKeys_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ArchiveBlocks",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Domain = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    OldestAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    NewestAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    Places = table.Column<byte[]>(type: "bytea", nullable: false),
                    Handled = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ArchiveBlocks", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LeaveLinks",
                columns: table => new
                {
                    Address = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TokenHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    SealedToken = table.Column<byte[]>(type: "bytea", nullable: false),
                    CreatedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LeaveLinks", x => x.Address);
                });

            migrationBuilder.CreateTable(
                name: "ArchiveWords",
                columns: table => new
                {
                    BlockId = table.Column<int>(type: "integer", nullable: false),
                    Word = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Places = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ArchiveWords", x => new { x.BlockId, x.Word });
                    table.ForeignKey(
                        name: "FK_ArchiveWords_ArchiveBlocks_BlockId",
                        column: x => x.BlockId,
                        principalTable: "ArchiveBlocks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_FeedbackAddressId_CreatedAt",
                table: "Outbox",
                columns: new[] { "FeedbackAddressId", "CreatedAt" },
                filter: "\"FeedbackAddressId\" IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_KeptId_To",
                table: "Outbox",
                columns: new[] { "KeptId", "To" },
                unique: true,
                filter: "\"KeptId\" IS NOT NULL AND NOT \"IsReplay\"");

            migrationBuilder.CreateIndex(
                name: "IX_Complaints_Unarchived",
                table: "Complaints",
                columns: new[] { "Domain", "PressedAt" },
                filter: "\"ArchiveBlockId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_KeyHash",
                table: "ApiKeys",
                column: "KeyHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ApiKeys_UserId",
                table: "ApiKeys",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_ArchiveBlocks_Domain_NewestAt",
                table: "ArchiveBlocks",
                columns: new[] { "Domain", "NewestAt" });

            migrationBuilder.CreateIndex(
                name: "IX_LeaveLinks_TokenHash",
                table: "LeaveLinks",
                column: "TokenHash",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ApiKeys");

            migrationBuilder.DropTable(
                name: "ArchiveWords");

            migrationBuilder.DropTable(
                name: "LeaveLinks");

            migrationBuilder.DropTable(
                name: "ArchiveBlocks");

            migrationBuilder.DropPrimaryKey(
                name: "PK_ReportDeliveries",
                table: "ReportDeliveries");

            migrationBuilder.DropIndex(
                name: "IX_Outbox_FeedbackAddressId_CreatedAt",
                table: "Outbox");

            migrationBuilder.DropIndex(
                name: "IX_Outbox_KeptId_To",
                table: "Outbox");

            migrationBuilder.DropIndex(
                name: "IX_Complaints_Unarchived",
                table: "Complaints");

            migrationBuilder.DropColumn(
                name: "FeedbackAddressId",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "IsReplay",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "LeftAt",
                table: "FeedbackAddresses");

            migrationBuilder.DropColumn(
                name: "ArchiveBlockId",
                table: "Complaints");

            migrationBuilder.DropColumn(
                name: "ArchivePlace",
                table: "Complaints");

            migrationBuilder.AddPrimaryKey(
                name: "PK_ReportDeliveries",
                table: "ReportDeliveries",
                columns: new[] { "ComplaintId", "FeedbackAddressId" });

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_KeptId_To",
                table: "Outbox",
                columns: new[] { "KeptId", "To" },
                unique: true,
                filter: "\"KeptId\" IS NOT NULL");
        }
    }
}
