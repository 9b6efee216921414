using Microsoft.Extensions.Options;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Features.Intake;

namespace Postmaster.Web.Features.FeedbackLoop;

internal static class FeedbackLoopServices
{
    public static IServiceCollection AddFeedbackLoop(this IServiceCollection services)
    {
        services.AddSingleton<ReportFanOut>();
        services.AddSingleton<IReportWay, MailWay>();
        services.AddSingleton<FeedbackSettingsStore>();
        services.AddSingleton<ReportQueries>();
        services.AddSingleton<ReportMaker>();
        services.AddSingleton<ReplayStore>();
        services.AddSingleton<HistoryQueries>();
        services.AddSingleton<LeaveLinks>();
        services.AddSingleton<LeaveNotices>();
        services.AddSingleton<LeaveStore>();
        services.AddCfbl();
        services.AddGroups();
        services.AddSingleton<ReportRecords>();
        services.AddSingleton<MailSwitch>();
        services.AddWebhooks();
        services.AddDigests();
        services.AddSingleton<NoticeOutbox>();
        services.AddSingleton<FeedbackLoopQueries>();
        services.AddSingleton<OutboxQueries>();
        services.AddSingleton<ProviderSigner>();
        services.AddSingleton<SmtpRelay>();
        services.AddSingleton<DirectoryRelay>();
        services.AddSingleton<IMailRelay>(provider => provider.GetRequiredService<IOptions<RelayOptions>>().Value.Kind is RelayKind.Directory
            ? provider.GetRequiredService<DirectoryRelay>()
            : provider.GetRequiredService<SmtpRelay>());
        services.AddSingleton<OutboxLeases>();
        services.AddSingleton<AddressPause>();
        services.AddSingleton<BounceEffects>();
        services.AddSingleton<OperatorReplies>();
        services.AddSingleton<BounceStore>();
        services.AddSingleton<ILmtpMailbox, BounceMailbox>();
        services.AddHostedService<BounceSweeper>();
        services.AddSingleton<OutboxStore>();
        services.AddSingleton<OutboxContent>();
        services.AddSingleton<ReportCaps>();
        services.AddSingleton<RollUps>();
        services.AddSingleton<HeldQueries>();
        services.AddSingleton<NotSpamReports>();
        services.AddSingleton<OutboxWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxWorker>());
        return services;
    }

    public static void MapFeedbackLoop(this WebApplication app)
    {
        app.MapLeaving();
        app.MapGroups();
        app.MapRedactionKey();
        app.MapReportFile();
    }
}
