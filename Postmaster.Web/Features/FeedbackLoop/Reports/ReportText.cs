using System.Globalization;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>The first part of a report: what a person reads who has no program for the second one.</summary>
internal static class ReportText
{
    /// <param name="token">How a complainer is named in this report.</param>
    public static string Write(ReportSubject subject, ReportStyle style, Func<MailAddress, string> token)
    {
        string domains = string.Join(", ", subject.ReportedDomains.Select(d => d.Unicode));
        var text = new StringBuilder();
        if (subject.IsTest)
            WriteTest(text, style, domains);
        else
            WriteComplaint(text, subject, style, domains);
        if (subject.Incidents.Count > 1)
            WriteIncidents(text, subject, token);
        WriteShown(text, style);
        text.Append(CultureInfo.InvariantCulture, $"You get this report because this address is named for complaints about {domains} at {style.ProviderName}.\n");
        if (style.PortalUrl is { } portal)
        {
            foreach (var domain in subject.ReportedDomains)
                text.Append(CultureInfo.InvariantCulture, $"All complaints and numbers: {portal}/domains/{domain.Ascii}\n");
        }

        if (subject is { LeaveUrl: { } page, LeaveMail: { } mail })
        {
            text.Append("This message goes to all members of a group, so it cannot tell who you are. To leave the group, use the link in the mail that you got when you joined,\n");
            text.Append(CultureInfo.InvariantCulture, $"write from your address to {mail}, or have your link sent to you again:\n{page}\n");
        }
        else if (subject.LeaveUrl is { } leave)
            text.Append(CultureInfo.InvariantCulture, $"To get no more reports at this address, open this page and press its button; no account is needed, and it takes effect at once:\n{leave}\n");
        else if (style.PortalUrl is not null)
            text.Append("To get no more reports, sign in there and remove the address under \"Feedback\"; it takes effect at once.\n");
        return text.ToString();
    }

    private static void WriteTest(StringBuilder text, ReportStyle style, string domains)
    {
        text.Append(CultureInfo.InvariantCulture, $"THIS IS A TEST. Nobody complained: an owner of {domains} asked {style.ProviderName} for a report about a message that was made up.\n");
        text.Append("It has the form that reports to this address have. Unsubscribe nobody because of it.\n\n");
    }

    private static void WriteComplaint(StringBuilder text, ReportSubject subject, ReportStyle style, string domains)
    {
        if (subject.IsReplay)
            text.Append("This report was sent before. An owner of the domain has asked for it once more.\n\n");
        if (subject.Incidents.Count > 1)
            text.Append(CultureInfo.InvariantCulture, $"This report tells of {subject.Incidents.Count} complaints about mail of one stream. More reports were waiting for this address than go to one address in a day.\nOf the newest, the message is shown. ");
        text.Append(CultureInfo.InvariantCulture, $"A user of {style.ProviderName} {Did(subject.Press)} on {When(subject.PressedAt)}.\n");
        text.Append(CultureInfo.InvariantCulture, $"It carries a valid DKIM signature of {domains}{Basis(subject.Evidence)}.\n\n");
        if (subject.Press is Press.NotSpam)
        {
            text.Append("This is no complaint. It takes nobody off a list and puts nobody on one.\n\n");
            return;
        }

        text.Append(subject.Incidents.Count > 1
            ? "What to do: take each of these recipients off your lists at once, and do not ask for a confirmation first.\n"
            : "What to do: take this recipient off your lists at once, and do not ask for a confirmation first.\n");
        text.Append("Its Message-ID and your own unsubscribe links tell you who it is. If complaints pile up, look at how the addresses were collected.\n\n");
        if (subject.Press is Press.Phishing or Press.Virus)
            text.Append("Somebody may be using your servers or your signature for this: look where the message came from.\n\n");
    }

    private static void WriteIncidents(StringBuilder text, ReportSubject subject, Func<MailAddress, string> token)
    {
        text.Append(CultureInfo.InvariantCulture, $"The {subject.Incidents.Count} {(subject.Press is Press.NotSpam ? "messages" : "complaints")}: when, who, Message-ID\n");
        foreach (ReportIncident incident in subject.Incidents)
            text.Append(CultureInfo.InvariantCulture, $"{incident.PressedAt.ToUniversalTime():yyyy-MM-dd HH:mm} UTC  {(incident.Mailbox is { } mailbox ? token(mailbox) : "unknown")}  {(incident.MessageId is { } id ? $"<{id}>" : "none")}\n");
        text.Append('\n');
    }

    private static void WriteShown(StringBuilder text, ReportStyle style)
    {
        if (style.Look.Redaction is not RedactionMode.None)
        {
            text.Append("The recipient's address is replaced by a code that is the same in every report to you about this recipient.\n");
            text.Append("The copy therefore no longer fits its DKIM signature; the result of our check stands in the second part of this report.\n\n");
        }

        if (style.Look.Shape is ReportShape.Identifiers)
            text.Append("Of the message only its identifiers are shown: Message-ID, List-Id, Feedback-ID and CFBL-Feedback-ID.\n\n");
    }

    private static string Did(Press press) => press switch
    {
        Press.Phishing => "reported the message below as phishing",
        Press.Virus => "reported the message below as carrying malware",
        Press.NotSpam => "took the message below out of the spam folder",
        _ => "marked the message below as spam",
    };

    private static string Basis(Evidence evidence) => evidence switch
    {
        Evidence.BorderResults or Evidence.VerifiedAtDelivery => " (checked when the message arrived)",
        Evidence.VerifiedNow => " (checked after the complaint)",
        _ => "",
    };

    private static string When(DateTimeOffset pressedAt) => pressedAt.ToUniversalTime().ToString("d MMMM yyyy 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
