using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

#pragma warning disable CA1814 // Prefer jagged arrays over multidimensional

namespace Postmaster.Web.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class DeliveryMemory : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "DeliveryKey",
                table: "KeptComplaints",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PersonKey",
                table: "Complaints",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "MemoryClocks",
                columns: table => new
                {
                    Room = table.Column<byte>(type: "INTEGER", nullable: false),
                    Version = table.Column<long>(type: "INTEGER", nullable: false),
                    Layout = table.Column<long>(type: "INTEGER", nullable: false),
                    Stamp = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MemoryClocks", x => x.Room);
                });

            migrationBuilder.CreateTable(
                name: "MemoryLogs",
                columns: table => new
                {
                    Key = table.Column<long>(type: "INTEGER", nullable: false),
                    CommittedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Content = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MemoryLogs", x => x.Key);
                });

            migrationBuilder.CreateTable(
                name: "MemoryPages",
                columns: table => new
                {
                    Key = table.Column<long>(type: "INTEGER", nullable: false),
                    Content = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MemoryPages", x => x.Key);
                });

            migrationBuilder.CreateTable(
                name: "MemoryParts",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false),
                    Room = table.Column<byte>(type: "INTEGER", nullable: false),
                    Entries = table.Column<int>(type: "INTEGER", nullable: false),
                    PageBits = table.Column<int>(type: "INTEGER", nullable: false),
                    NewestAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Filter = table.Column<byte[]>(type: "BLOB", nullable: false),
                    IsDropped = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MemoryParts", x => x.Id);
                });

            migrationBuilder.InsertData(
                table: "MemoryClocks",
                columns: new[] { "Room", "Layout", "Stamp", "Version" },
                values: new object[,]
                {
                    { (byte)0, 0L, new Guid("00000000-0000-0000-0000-000000000000"), 0L },
                    { (byte)1, 0L, new Guid("00000000-0000-0000-0000-000000000000"), 0L }
                });

            migrationBuilder.CreateIndex(
                name: "IX_Complaints_PersonKey",
                table: "Complaints",
                column: "PersonKey",
                filter: "\"PersonKey\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "MemoryClocks");

            migrationBuilder.DropTable(
                name: "MemoryLogs");

            migrationBuilder.DropTable(
                name: "MemoryPages");

            migrationBuilder.DropTable(
                name: "MemoryParts");

            migrationBuilder.DropIndex(
                name: "IX_Complaints_PersonKey",
                table: "Complaints");

            migrationBuilder.DropColumn(
                name: "DeliveryKey",
                table: "KeptComplaints");

            migrationBuilder.DropColumn(
                name: "PersonKey",
                table: "Complaints");
        }
    }
}
