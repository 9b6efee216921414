using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Postmaster.Web.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Groups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "IsGroup",
                table: "FeedbackAddresses",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "FeedbackGroups",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    FeedbackAddressId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClaimId = table.Column<Guid>(type: "uuid", nullable: false),
                    Token = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    PersonalCopies = table.Column<bool>(type: "boolean", nullable: false),
                    CreatedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_FeedbackGroups", x => x.Id);
                    table.ForeignKey(
                        name: "FK_FeedbackGroups_Claims_ClaimId",
                        column: x => x.ClaimId,
                        principalTable: "Claims",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_FeedbackGroups_FeedbackAddresses_FeedbackAddressId",
                        column: x => x.FeedbackAddressId,
                        principalTable: "FeedbackAddresses",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "GroupMembers",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    GroupId = table.Column<Guid>(type: "uuid", nullable: false),
                    Address = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    InvitedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    InvitedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ConfirmedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    EndedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    DeclinedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    LeftAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    PausedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    PauseAnswer = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ResumedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    RateKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    MailsSent = table.Column<int>(type: "integer", nullable: false),
                    LastMailAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    LeaveMailAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    LeaveHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    SealedLeaveToken = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GroupMembers", x => x.Id);
                    table.ForeignKey(
                        name: "FK_GroupMembers_FeedbackGroups_GroupId",
                        column: x => x.GroupId,
                        principalTable: "FeedbackGroups",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "GroupDeliveries",
                columns: table => new
                {
                    OutboxId = table.Column<Guid>(type: "uuid", nullable: false),
                    MemberId = table.Column<Guid>(type: "uuid", nullable: false),
                    State = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    At = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    Answer = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SoftBounces = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GroupDeliveries", x => new { x.OutboxId, x.MemberId });
                    table.ForeignKey(
                        name: "FK_GroupDeliveries_GroupMembers_MemberId",
                        column: x => x.MemberId,
                        principalTable: "GroupMembers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_GroupDeliveries_Outbox_OutboxId",
                        column: x => x.OutboxId,
                        principalTable: "Outbox",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_FeedbackGroups_ClaimId",
                table: "FeedbackGroups",
                column: "ClaimId");

            migrationBuilder.CreateIndex(
                name: "IX_FeedbackGroups_FeedbackAddressId",
                table: "FeedbackGroups",
                column: "FeedbackAddressId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_FeedbackGroups_Token",
                table: "FeedbackGroups",
                column: "Token",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_GroupDeliveries_MemberId_At",
                table: "GroupDeliveries",
                columns: new[] { "MemberId", "At" });

            migrationBuilder.CreateIndex(
                name: "IX_GroupMembers_Address",
                table: "GroupMembers",
                column: "Address");

            migrationBuilder.CreateIndex(
                name: "IX_GroupMembers_GroupId",
                table: "GroupMembers",
                column: "GroupId");

            migrationBuilder.CreateIndex(
                name: "IX_GroupMembers_GroupId_Address",
                table: "GroupMembers",
                columns: new[] { "GroupId", "Address" },
                unique: true,
                filter: "\"EndedAt\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_GroupMembers_LeaveHash",
                table: "GroupMembers",
                column: "LeaveHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_GroupMembers_RateKey",
                table: "GroupMembers",
                column: "RateKey");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "GroupDeliveries");

            migrationBuilder.DropTable(
                name: "GroupMembers");

            migrationBuilder.DropTable(
                name: "FeedbackGroups");

            migrationBuilder.DropColumn(
                name: "IsGroup",
                table: "FeedbackAddresses");
        }
    }
}
