using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Postmaster.Web.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Traffic : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Feeders",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    TokenHash = table.Column<byte[]>(type: "bytea", nullable: true),
                    CreatedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    LastBatchAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    NewestEventAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    EndedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    Events = table.Column<long>(type: "bigint", nullable: false),
                    BadLines = table.Column<long>(type: "bigint", nullable: false),
                    Unjoined = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Feeders", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "MailDomains",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    FirstDay = table.Column<DateOnly>(type: "date", nullable: false),
                    LastDay = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MailDomains", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ReputationDays",
                columns: table => new
                {
                    Key = table.Column<long>(type: "bigint", nullable: false),
                    Score = table.Column<double>(type: "double precision", nullable: false),
                    Level = table.Column<byte>(type: "smallint", nullable: false),
                    Causes = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReputationDays", x => x.Key);
                });

            migrationBuilder.CreateTable(
                name: "TrafficDays",
                columns: table => new
                {
                    Key = table.Column<long>(type: "bigint", nullable: false),
                    Complaint = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Deferred = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeletedRead = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeletedUnread = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeliveredInbox = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeliveredSpam = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DkimAligned = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DkimKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DkimPass = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DmarcKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DmarcPass = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    FormatBad = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    FormatKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    InvitationOver = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Left = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    LeftAndMailedAgain = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    MailAfterLeaving = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    NotSpam = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Octets = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    OneClick = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    OneClickKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Read = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Recipients = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedContent = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedDmarc = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedNoPtr = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedOther = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedPolicy = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedRate = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedReputation = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedSpam = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedUnknownUser = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReminderClose = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReminderLate = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReverseBad = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReverseKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    SpfAligned = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    SpfKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    SpfPass = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Tls = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    TlsKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Trap = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Unsubscribed = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TrafficDays", x => x.Key);
                });

            migrationBuilder.CreateTable(
                name: "TrafficHours",
                columns: table => new
                {
                    Key = table.Column<long>(type: "bigint", nullable: false),
                    Complaint = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Deferred = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeletedRead = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeletedUnread = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeliveredInbox = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DeliveredSpam = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DkimAligned = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DkimKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DkimPass = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DmarcKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    DmarcPass = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    FormatBad = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    FormatKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    InvitationOver = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Left = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    LeftAndMailedAgain = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    MailAfterLeaving = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    NotSpam = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Octets = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    OneClick = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    OneClickKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Read = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Recipients = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedContent = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedDmarc = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedNoPtr = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedOther = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedPolicy = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedRate = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedReputation = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedSpam = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    RejectedUnknownUser = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReminderClose = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReminderLate = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReverseBad = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    ReverseKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    SpfAligned = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    SpfKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    SpfPass = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Tls = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    TlsKnown = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Trap = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L),
                    Unsubscribed = table.Column<long>(type: "bigint", nullable: false, defaultValue: 0L)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TrafficHours", x => x.Key);
                });

            migrationBuilder.CreateTable(
                name: "IngestBatches",
                columns: table => new
                {
                    FeederId = table.Column<int>(type: "integer", nullable: false),
                    Key = table.Column<byte[]>(type: "bytea", nullable: false),
                    CommittedAt = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    Answer = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_IngestBatches", x => new { x.FeederId, x.Key });
                    table.ForeignKey(
                        name: "FK_IngestBatches_Feeders_FeederId",
                        column: x => x.FeederId,
                        principalTable: "Feeders",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "MailStreams",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    DomainId = table.Column<int>(type: "integer", nullable: false),
                    Kind = table.Column<byte>(type: "smallint", nullable: false),
                    Value = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    OwnerType = table.Column<byte>(type: "smallint", nullable: false),
                    OperatorType = table.Column<byte>(type: "smallint", nullable: false),
                    Title = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    FirstDay = table.Column<DateOnly>(type: "date", nullable: false),
                    LastDay = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MailStreams", x => x.Id);
                    table.ForeignKey(
                        name: "FK_MailStreams_MailDomains_DomainId",
                        column: x => x.DomainId,
                        principalTable: "MailDomains",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Feeders_Name",
                table: "Feeders",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Feeders_TokenHash",
                table: "Feeders",
                column: "TokenHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_IngestBatches_CommittedAt",
                table: "IngestBatches",
                column: "CommittedAt");

            migrationBuilder.CreateIndex(
                name: "IX_MailDomains_Name",
                table: "MailDomains",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_MailStreams_DomainId_Kind_Value",
                table: "MailStreams",
                columns: new[] { "DomainId", "Kind", "Value" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "IngestBatches");

            migrationBuilder.DropTable(
                name: "MailStreams");

            migrationBuilder.DropTable(
                name: "ReputationDays");

            migrationBuilder.DropTable(
                name: "TrafficDays");

            migrationBuilder.DropTable(
                name: "TrafficHours");

            migrationBuilder.DropTable(
                name: "Feeders");

            migrationBuilder.DropTable(
                name: "MailDomains");
        }
    }
}
