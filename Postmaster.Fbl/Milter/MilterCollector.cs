using System.Buffers;
using System.Net;
using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Fbl.Milter;

/// <summary>
/// Puts together what the MTA tells piece by piece. Nothing that comes is refused: what makes no sense, or does not fit, is left out.
/// </summary>
internal sealed class MilterCollector(MilterSessionOptions options) : IDisposable
{
    /// <summary>An address of a hundred characters as the runtime holds it, and what is around it.</summary>
    private const int RecipientOverhead = 128, OctetsPerCharacter = 2;

    private static readonly MilterClient Nobody = new("", null);

    private readonly MilterMacros macros = new();
    private MilterClient client = Nobody;
    private string helo = "";
    private Envelope? envelope;

    public int RecipientsRefused { get; private set; }

    public void Macro(ReadOnlySpan<byte> data) => macros.Define(data);

    /// <summary>Host name, family, port, address. The family U, unknown, has neither port nor address.</summary>
    public void Connect(ReadOnlySpan<byte> data)
    {
        client = new MilterClient(MilterText.Decode(MilterText.Next(ref data)), null);
        if (data.Length < 3 || data[0] is not ((byte)'4' or (byte)'6'))
            return;
        data = data[3..];
        var text = MilterText.Decode(MilterText.Next(ref data));
        const string prefix = "IPv6:"; // Sendmail writes it, Postfix does not
        if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            text = text[prefix.Length..];
        if (StrictIpAddress.TryParse(text, out var address))
            client = client with { Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address };
    }

    public void Helo(ReadOnlySpan<byte> data) => helo = MilterText.Decode(MilterText.Next(ref data));

    /// <summary>The address, then the parameters of the command.</summary>
    public void Mail(ReadOnlySpan<byte> data)
    {
        envelope = new Envelope(MilterText.DecodeAddress(MilterText.Next(ref data)), new SmtpMessageBuffer(options.MaxMessageBytes, options.MemoryBudget));
        while (!data.IsEmpty)
            envelope.SmtpUtf8 |= Ascii.EqualsIgnoreCase(MilterText.Next(ref data), "SMTPUTF8");
    }

    public void Recipient(ReadOnlySpan<byte> data)
    {
        var recipient = new MilterRecipient(MilterText.DecodeAddress(MilterText.Next(ref data)), macros.Refusal, macros.Mailer);
        macros.ForgetRecipient();
        if (envelope is null)
            return;
        if (recipient.Refusal is not null)
            RecipientsRefused++;
        var cost = RecipientOverhead + (OctetsPerCharacter * (recipient.Address.Length + (recipient.Refusal?.Text.Length ?? 0)));
        if (envelope.Recipients.Count >= options.MaxRecipients || options.MemoryBudget?.TryTake(cost) == false)
        {
            envelope.RecipientsDropped++;
            return;
        }

        envelope.Taken += options.MemoryBudget is null ? 0 : cost;
        envelope.Recipients.Add(recipient);
    }

    /// <param name="leadingSpace">The value has the blank after the colon, if there was one; else one is assumed.</param>
    public void Header(ReadOnlySpan<byte> data, bool leadingSpace)
    {
        if (envelope is not { BodyBegun: false } current)
            return;
        current.Write(MilterText.Next(ref data));
        current.Write(leadingSpace ? ":"u8 : ": "u8);
        current.WriteLines(MilterText.Next(ref data));
        current.Write("\r\n"u8);
    }

    public void EndOfHeader()
    {
        if (envelope is not { BodyBegun: false } current)
            return;
        current.BodyBegun = true;
        current.Write("\r\n"u8);
    }

    public void Body(ReadOnlySequence<byte> data)
    {
        EndOfHeader();
        if (envelope is null)
            return;
        foreach (var segment in data)
            envelope.Write(segment.Span);
    }

    /// <summary>What is known of the transaction, which is over; null when there is nothing to tell.</summary>
    /// <param name="forgetMacros">False when those of the next transaction have come already.</param>
    public MilterTransaction? Take(bool complete, bool forgetMacros = true)
    {
        if (envelope is not { } over)
            return null;
        envelope = null;
        if (!complete)
            over.Message.Dispose();
        var transaction = new MilterTransaction(over.Message, options.MemoryBudget, over.Taken)
        {
            Client = client,
            Helo = helo,
            TlsVersion = macros.Tls,
            Cipher = macros.TlsCipher,
            AuthenticatedAs = macros.User,
            ReversePath = over.ReversePath,
            SmtpUtf8 = over.SmtpUtf8,
            QueueId = macros.Queue,
            Recipients = over.Recipients,
            RecipientsDropped = over.RecipientsDropped,
            IsComplete = complete,
            Loss = !complete ? MilterLoss.None : over.Message.TooLarge ? MilterLoss.TooLarge : over.Message.OutOfMemory ? MilterLoss.OutOfMemory : MilterLoss.None,
            MessageBytes = over.Length,
        };
        if (forgetMacros)
            macros.ForgetTransaction();
        return transaction;
    }

    /// <summary>Another SMTP session follows.</summary>
    public void ForgetClient()
    {
        Dispose();
        (client, helo) = (Nobody, "");
        macros.ForgetAll();
    }

    public void Dispose() => Take(complete: false)?.Dispose();

    /// <summary>The transaction that is under way.</summary>
    private sealed class Envelope(string reversePath, SmtpMessageBuffer message)
    {
        public string ReversePath => reversePath;

        public SmtpMessageBuffer Message => message;

        public List<MilterRecipient> Recipients { get; } = [];

        public int RecipientsDropped { get; set; }

        /// <summary>Octets of the budget that the recipients hold.</summary>
        public long Taken { get; set; }

        public bool SmtpUtf8 { get; set; }

        public bool BodyBegun { get; set; }

        public long Length { get; private set; }

        public void Write(ReadOnlySpan<byte> octets)
        {
            Length += octets.Length;
            if (!message.TooLarge && !message.OutOfMemory)
                message.Write(octets);
        }

        /// <summary>MTAs send the lines of a folded field with LF alone; on the wire they had CRLF.</summary>
        public void WriteLines(ReadOnlySpan<byte> value)
        {
            for (var end = value.IndexOf((byte)'\n'); end >= 0; end = value.IndexOf((byte)'\n'))
            {
                Write(end > 0 && value[end - 1] == '\r' ? value[..(end - 1)] : value[..end]);
                Write("\r\n"u8);
                value = value[(end + 1)..];
            }

            Write(value);
        }
    }
}
