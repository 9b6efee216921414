using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class GroupMembersBack : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "MissedSince",
                table: "GroupMembers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "OwnCopy",
                table: "GroupDeliveries",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "CopiesLeft",
                table: "FeedbackGroups",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "UnnamedAnswer",
                table: "FeedbackGroups",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "UnnamedAt",
                table: "FeedbackGroups",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_GroupDeliveries_At",
                table: "GroupDeliveries",
                column: "At",
                filter: "\"OwnCopy\"");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_GroupDeliveries_At",
                table: "GroupDeliveries");

            migrationBuilder.DropColumn(
                name: "MissedSince",
                table: "GroupMembers");

            migrationBuilder.DropColumn(
                name: "OwnCopy",
                table: "GroupDeliveries");

            migrationBuilder.DropColumn(
                name: "CopiesLeft",
                table: "FeedbackGroups");

            migrationBuilder.DropColumn(
                name: "UnnamedAnswer",
                table: "FeedbackGroups");

            migrationBuilder.DropColumn(
                name: "UnnamedAt",
                table: "FeedbackGroups");
        }
    }
}
