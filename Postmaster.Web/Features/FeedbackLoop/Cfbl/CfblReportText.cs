using System.Globalization;
using System.Text;
using Postmaster.Fbl.Cfbl;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>The first part of a report by invitation: who writes, why to this address, and how to have it end.</summary>
internal static class CfblReportText
{
    public static string Write(CfblSubject subject, CfblStyle style)
    {
        string signers = string.Join(" and ", subject.By.Select(d => d.Unicode));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"A user of {style.ProviderName} {subject.Press.Deed().Replace("this mail", "a mail", StringComparison.Ordinal)} on {When(subject.PressedAt)}.\n");
        text.Append(CultureInfo.InvariantCulture, $"It carries a valid DKIM signature of {signers}.\n\n");
        text.Append("What to do: take this recipient off your lists at once, and do not ask for a confirmation first.\n");
        text.Append("The Message-ID and CFBL-Feedback-ID of the mail stand in this report.");
        text.Append(style.Shape is ReportShape.Identifiers ? " The rest of it is left out to protect the recipient.\n\n" : " The recipient's address is replaced by a code.\n\n");
        text.Append(subject.Source is CfblSource.Field
            ? $"Why you get this: the mail itself asks for it, in its field {CfblAddress.FieldName} (RFC 9477).\n"
            : $"Why you get this: a record beside the key of {signers} in DNS asks for it (DKIM-FBL).\n");
        if (!subject.Confirmed)
        {
            text.Append(CultureInfo.InvariantCulture, $"Nobody has told us yet that reports are wanted here, so only a few are sent{LeftWords(subject.Left)}.\n\n");
            text.Append(CultureInfo.InvariantCulture, $"To get a report of each complaint, or none ever again:\n{style.Page}\n");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"\nTo get no report ever again:\n{style.Page}\n");
        }

        return text.ToString();
    }

    private static string LeftWords(int left) => left switch
    {
        0 => " and this is the last one",
        1 => ": one more after this",
        _ => string.Create(CultureInfo.InvariantCulture, $": at most {left} more after this"),
    };

    private static string When(DateTimeOffset pressedAt) => pressedAt.ToUniversalTime().ToString("d MMMM yyyy 'at' HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
