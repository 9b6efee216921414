namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>The fields of a line; their order is that of <see cref="EventFields"/>' names.</summary>
internal enum EventField : byte
{
    Kind, Time, Ip, Helo, MailFrom, Rcpt, FromDomain, Dkim, Spf, Dmarc, Tls, Size, Folder, Reason,
    ListId, FeedbackId, Msgtype, MessageId, Mailbox, OneClick, Format, Reverse,

    // Of a signature.
    DkimDomain, DkimSelector, DkimResult,

    None,
}

/// <summary>The names of the fields on the wire.</summary>
internal static class EventFields
{
    private static readonly string[] Names =
    [
        "kind", "time", "ip", "helo", "mail_from", "rcpt", "from_domain", "dkim", "spf", "dmarc", "tls", "size", "folder", "reason",
        "list_id", "feedback_id", "msgtype", "message_id", "mailbox", "one_click", "format", "reverse",
        "dkim.domain", "dkim.selector", "dkim.result", "",
    ];

    public static string NameOf(EventField field) => Names[(int)field];

    /// <summary><see cref="EventField.None"/> for a name that is not part of the schema.</summary>
    public static EventField Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => name.SequenceEqual("ip"u8) ? EventField.Ip : EventField.None,
        3 => name.SequenceEqual("spf"u8) ? EventField.Spf : name.SequenceEqual("tls"u8) ? EventField.Tls : EventField.None,
        4 => name[0] switch
        {
            (byte)'k' when name.SequenceEqual("kind"u8) => EventField.Kind,
            (byte)'t' when name.SequenceEqual("time"u8) => EventField.Time,
            (byte)'h' when name.SequenceEqual("helo"u8) => EventField.Helo,
            (byte)'r' when name.SequenceEqual("rcpt"u8) => EventField.Rcpt,
            (byte)'d' when name.SequenceEqual("dkim"u8) => EventField.Dkim,
            (byte)'s' when name.SequenceEqual("size"u8) => EventField.Size,
            _ => EventField.None,
        },
        5 => name.SequenceEqual("dmarc"u8) ? EventField.Dmarc : EventField.None,
        6 => name[0] switch
        {
            (byte)'f' when name.SequenceEqual("folder"u8) => EventField.Folder,
            (byte)'f' when name.SequenceEqual("format"u8) => EventField.Format,
            (byte)'r' when name.SequenceEqual("reason"u8) => EventField.Reason,
            _ => EventField.None,
        },
        7 => name[0] switch
        {
            (byte)'l' when name.SequenceEqual("list_id"u8) => EventField.ListId,
            (byte)'m' when name.SequenceEqual("msgtype"u8) => EventField.Msgtype,
            (byte)'m' when name.SequenceEqual("mailbox"u8) => EventField.Mailbox,
            (byte)'r' when name.SequenceEqual("reverse"u8) => EventField.Reverse,
            _ => EventField.None,
        },
        9 => name.SequenceEqual("mail_from"u8) ? EventField.MailFrom : name.SequenceEqual("one_click"u8) ? EventField.OneClick : EventField.None,
        10 => name.SequenceEqual("message_id"u8) ? EventField.MessageId : EventField.None,
        11 => name.SequenceEqual("from_domain"u8) ? EventField.FromDomain : name.SequenceEqual("feedback_id"u8) ? EventField.FeedbackId : EventField.None,
        _ => EventField.None,
    };

    /// <summary>The fields of one signature.</summary>
    public static EventField FindOfSignature(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 when name.SequenceEqual("domain"u8) => EventField.DkimDomain,
        6 when name.SequenceEqual("result"u8) => EventField.DkimResult,
        8 when name.SequenceEqual("selector"u8) => EventField.DkimSelector,
        _ => EventField.None,
    };
}
