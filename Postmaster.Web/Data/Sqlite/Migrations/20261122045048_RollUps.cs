using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class RollUps : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "AlikeKey",
                table: "Outbox",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "HeldBy",
                table: "Outbox",
                type: "TEXT",
                maxLength: 32,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Incidents",
                table: "Outbox",
                type: "INTEGER",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<Guid>(
                name: "RolledIntoId",
                table: "Outbox",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "RescuedAt",
                table: "Complaints",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_AlikeKey_CreatedAt",
                table: "Outbox",
                columns: new[] { "AlikeKey", "CreatedAt" },
                filter: "\"AlikeKey\" IS NOT NULL AND \"State\" = 'Queued'");

            migrationBuilder.CreateIndex(
                name: "IX_Outbox_RolledIntoId",
                table: "Outbox",
                column: "RolledIntoId",
                filter: "\"RolledIntoId\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Outbox_AlikeKey_CreatedAt",
                table: "Outbox");

            migrationBuilder.DropIndex(
                name: "IX_Outbox_RolledIntoId",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "AlikeKey",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "HeldBy",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "Incidents",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "RolledIntoId",
                table: "Outbox");

            migrationBuilder.DropColumn(
                name: "RescuedAt",
                table: "Complaints");
        }
    }
}
