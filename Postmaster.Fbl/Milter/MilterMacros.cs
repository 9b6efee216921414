using System.Text;

namespace Postmaster.Fbl.Milter;

/// <summary>
/// The values of the macros that we read. An MTA sends them before the command that they belong to, and a later packet for the same command takes
/// the place of an earlier one. Names and stages are those of Sendmail; Postfix lists what it sends in MILTER_README.
/// </summary>
internal sealed class MilterMacros
{
    // Only these are kept: the others, of any number and length, are passed over.
    private static readonly string[] Known = [QueueId, TlsVersion, Cipher, AuthenticatedAs, RecipientMailer, RecipientHost, RecipientAddress];

    private const string QueueId = "i", TlsVersion = "tls_version", Cipher = "cipher", AuthenticatedAs = "auth_authen";
    private const string RecipientMailer = "rcpt_mailer", RecipientHost = "rcpt_host", RecipientAddress = "rcpt_addr";
    private readonly Dictionary<(MilterCommand Stage, string Name), string> values = [];

    /// <summary>Postfix has it from the second recipient on, Sendmail from MAIL on.</summary>
    public string? Queue => Find(MilterCommand.EndOfMessage, QueueId) ?? Find(MilterCommand.Recipient, QueueId) ?? Find(MilterCommand.Mail, QueueId);

    /// <summary>Sendmail tells about TLS with HELO, and so does Postfix.</summary>
    public string? Tls => Find(MilterCommand.Helo, TlsVersion) ?? Find(MilterCommand.Mail, TlsVersion);

    public string? TlsCipher => Find(MilterCommand.Helo, Cipher) ?? Find(MilterCommand.Mail, Cipher);

    public string? User => Find(MilterCommand.Mail, AuthenticatedAs);

    /// <summary>
    /// Of the recipient whose command comes next. For one that the MTA refuses, the mailer is "error", the host is the enhanced status code,
    /// and the address is the text of the reply (libmilter's documentation of SMFIP_RCPT_REJ).
    /// </summary>
    public MilterRefusal? Refusal => Find(MilterCommand.Recipient, RecipientMailer) is "error"
        ? new MilterRefusal(Find(MilterCommand.Recipient, RecipientHost) ?? "", Find(MilterCommand.Recipient, RecipientAddress) ?? "")
        : null;

    public string? Mailer => Refusal is null ? Find(MilterCommand.Recipient, RecipientMailer) : null;

    public void Define(ReadOnlySpan<byte> data)
    {
        // Postfix repeats them before every header and every piece of the body.
        if (data.IsEmpty || (MilterCommand)data[0] is not (MilterCommand.Helo or MilterCommand.Mail or MilterCommand.Recipient or MilterCommand.EndOfMessage))
            return;
        var stage = (MilterCommand)data[0];
        Forget(stage);
        var rest = data[1..];
        while (!rest.IsEmpty)
        {
            var name = MilterText.Next(ref rest);
            var value = MilterText.Next(ref rest);
            if (name is [(byte)'{', .., (byte)'}'])
                name = name[1..^1];
            foreach (var known in Known)
            {
                if (!value.IsEmpty && Ascii.Equals(name, known))
                    values[(stage, known)] = MilterText.Decode(value);
            }
        }
    }

    /// <summary>What was said of a recipient holds for that one alone.</summary>
    public void ForgetRecipient()
    {
        foreach (var name in (ReadOnlySpan<string>)[RecipientMailer, RecipientHost, RecipientAddress])
            values.Remove((MilterCommand.Recipient, name));
    }

    /// <summary>The next message has values of its own; those of the connection stay.</summary>
    public void ForgetTransaction()
    {
        Forget(MilterCommand.Mail);
        Forget(MilterCommand.Recipient);
        Forget(MilterCommand.EndOfMessage);
    }

    public void ForgetAll() => values.Clear();

    private void Forget(MilterCommand stage)
    {
        foreach (var name in Known)
            values.Remove((stage, name));
    }

    private string? Find(MilterCommand stage, string name) => values.GetValueOrDefault((stage, name));
}
