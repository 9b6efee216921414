using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class WebhookWithdrawalsAndDigestPauses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_WebhookDeliveries_ComplaintId_EndpointId",
                table: "WebhookDeliveries");

            migrationBuilder.AddColumn<int>(
                name: "Event",
                table: "WebhookDeliveries",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "LeftAt",
                table: "Digests",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "PauseAnswer",
                table: "Digests",
                type: "TEXT",
                maxLength: 998,
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PausedAt",
                table: "Digests",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "ResumedAt",
                table: "Digests",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_ComplaintId_EndpointId_Event",
                table: "WebhookDeliveries",
                columns: new[] { "ComplaintId", "EndpointId", "Event" },
                unique: true,
                filter: "\"ComplaintId\" IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_WebhookDeliveries_ComplaintId_EndpointId_Event",
                table: "WebhookDeliveries");

            migrationBuilder.DropColumn(
                name: "Event",
                table: "WebhookDeliveries");

            migrationBuilder.DropColumn(
                name: "LeftAt",
                table: "Digests");

            migrationBuilder.DropColumn(
                name: "PauseAnswer",
                table: "Digests");

            migrationBuilder.DropColumn(
                name: "PausedAt",
                table: "Digests");

            migrationBuilder.DropColumn(
                name: "ResumedAt",
                table: "Digests");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookDeliveries_ComplaintId_EndpointId",
                table: "WebhookDeliveries",
                columns: new[] { "ComplaintId", "EndpointId" },
                unique: true,
                filter: "\"ComplaintId\" IS NOT NULL");
        }
    }
}
