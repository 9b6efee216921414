using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ReputationFacts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "ComputedAt",
                table: "ReputationDays",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<double>(
                name: "PerDay",
                table: "ReputationDays",
                type: "REAL",
                nullable: false,
                defaultValue: 0.0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ComputedAt",
                table: "ReputationDays");

            migrationBuilder.DropColumn(
                name: "PerDay",
                table: "ReputationDays");
        }
    }
}
