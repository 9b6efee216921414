using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Bounces;

/// <summary>Signs in a header that a machine wrote the mail (RFC 3834), and those that people's mail does not have.</summary>
internal static class MachineSigns
{
    private static readonly string[] SystemSenders = ["mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "mailerdaemon", "bounce", "bounces"];

    /// <summary>Fields that only machines write.</summary>
    private static readonly string[] MachineFields =
    [
        "X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-From", "X-Vacation", "X-Mail-Autoreply", "X-Failed-Recipients",
        "X-Auto-Response-Suppress", "X-MS-Exchange-Inbox-Rules-Loop",
        "List-Id", "List-Unsubscribe", "Feedback-ID", "X-Postmaster-Report",
    ];

    /// <summary>How vacation programs that know no RFC 3834 begin their subjects; whole words, so that a person who writes about it is heard.</summary>
    private static readonly string[] Subjects =
    [
        "automatic reply:", "auto reply:", "auto-reply:", "autoreply:", "auto response:", "autoresponse:", "out of office:", "out of the office:", "out of office autoreply:",
        "out of office reply:", "vacation reply:", "vacation:", "[auto-reply]", "[autoreply]", "[auto]", "automatische antwort:", "abwesenheitsnotiz:", "réponse automatique :",
        "réponse automatique:", "respuesta automática:", "risposta automatica:", "automatisch antwoord:", "resposta automática:",
    ];

    /// <summary>Whether the mail system itself wrote it: From is its mailbox.</summary>
    public static bool IsMailSystem(HeaderBlock headers)
    {
        foreach (var mailbox in AddressListReader.Read(headers, "From"))
        {
            var at = mailbox.AddrSpec.IndexOf('@', StringComparison.Ordinal);
            var local = at < 0 ? mailbox.AddrSpec : mailbox.AddrSpec[..at];
            if (SystemSenders.Contains(local, StringComparer.OrdinalIgnoreCase) || local.StartsWith("MicrosoftExchange", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    public static bool IsAutomatic(HeaderBlock headers)
    {
        // RFC 3834 §5: every value but "no".
        if (headers.First("Auto-Submitted")?.Unfolded is { } submitted && !FirstWordIs(submitted, "no"))
            return true;
        // RFC 3834 §2: people do not write these either.
        if (headers.First("Precedence")?.Unfolded is { } precedence && (FirstWordIs(precedence, "bulk") || FirstWordIs(precedence, "junk") || FirstWordIs(precedence, "list") || FirstWordIs(precedence, "auto_reply")))
            return true;
        foreach (var name in MachineFields)
        {
            if (headers.First(name) is not null)
                return true;
        }

        var subject = headers.First("Subject")?.Decoded.TrimStart() ?? "";
        foreach (var start in Subjects)
        {
            if (subject.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool FirstWordIs(string value, string word)
    {
        var text = value.AsSpan().Trim();
        var end = text.IndexOfAny(" \t;(");
        return (end < 0 ? text : text[..end]).Equals(word, StringComparison.OrdinalIgnoreCase);
    }
}
