using System.Buffers;
using System.Globalization;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Smtp;

/// <summary>One message over an open connection: MAIL, RCPT for each recipient, DATA (RFC 5321 §3.3). Used once.</summary>
internal sealed class SmtpTransaction(SmtpConnection connection, SmtpMessage message, SmtpTimeouts timeouts)
{
    // So many commands go out before replies are read: their replies fit any socket's buffer, so that both sides cannot block (RFC 2920 §3.1).
    private const int MaxGroup = 50;

    private const int BlockOctets = 64 * 1024;

    // RFC 3461 §5.1: a server takes a command that is longer by 500 octets for all its parameters.
    private const int MaxOriginalRecipient = 400;

    private readonly SmtpRecipientResult?[] results = new SmtpRecipientResult?[message.Recipients.Count];
    private bool finalDotSent;

    /// <summary>False when the connection is of no more use.</summary>
    public bool ConnectionUsable { get; private set; } = true;

    public async Task<SmtpSendResult> RunAsync(CancellationToken ct)
    {
        var lost = false;
        try
        {
            if (TryChooseContent(out var content, out var mail))
                await SendAsync(mail, content, ct);
        }
        catch (SmtpBrokenException broken)
        {
            ConnectionUsable = false;
            lost = finalDotSent && broken.Reply is null;
            Decide(SmtpOutcome.TemporaryFailure, broken.Reply, lost ? SmtpProblem.LostAfterData : broken.Problem, broken.Message);
        }

        return new SmtpSendResult([.. results.Select(r => r!)], lost, connection.Encrypted);
    }

    /// <summary>What can be sent to this peer, and the MAIL command for it. False when every recipient has its result already.</summary>
    private bool TryChooseContent(out ReadOnlyMemory<byte> content, out string mail)
    {
        var peer = connection.Capabilities;
        (content, mail) = (message.Content, "MAIL FROM:<" + message.ReversePath + ">");
        var eightBit = !Ascii.IsValid(content.Span);
        if (eightBit && !peer.EightBitMime)
        {
            // RFC 6152 §3: never 8-bit octets to a peer that did not offer to take them.
            if (message.SevenBitContent is not { } sevenBit || !Ascii.IsValid(sevenBit.Span))
                return Refuse(SmtpProblem.PeerLacks8BitMime, "the message has 8-bit octets and the relay does not offer 8BITMIME");
            (content, eightBit) = (sevenBit, false);
        }

        var size = SmtpDataEncoder.SizeOf(content.Span);
        if (size > peer.MaxSize)
            return Refuse(SmtpProblem.MessageTooLarge, $"the message has {size} octets and the relay takes {peer.MaxSize}");

        var senderNeedsUtf8 = NeedsUtf8(message.ReversePath);
        if (senderNeedsUtf8 && !peer.SmtpUtf8)
            return Refuse(SmtpProblem.PeerLacksSmtpUtf8, "the sender's address needs SMTPUTF8, which the relay does not offer");
        for (var i = 0; i < results.Length && !peer.SmtpUtf8; i++)
        {
            if (NeedsUtf8(message.Recipients[i]))
                results[i] = new(message.Recipients[i], SmtpOutcome.PermanentFailure, null, SmtpProblem.PeerLacksSmtpUtf8, "the address needs SMTPUTF8, which the relay does not offer");
        }

        mail += (peer.Size ? $" SIZE={size}" : "") + (eightBit ? " BODY=8BITMIME" : "") + (senderNeedsUtf8 || message.Recipients.Any(NeedsUtf8) && peer.SmtpUtf8 ? " SMTPUTF8" : "");
        return results.Any(r => r is null);
    }

    private async Task SendAsync(string mail, ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        var sendable = Enumerable.Range(0, results.Length).Where(i => results[i] is null).ToList();
        var accepted = new List<int>();
        var mailRefused = false;
        SmtpReply? data = null;
        List<Step> steps =
        [
            new(mail, timeouts.Mail, reply => mailRefused = !Judge(reply, results.Length)),
            .. sendable.Select(i => new Step(RecipientCommand(message.Recipients[i]), timeouts.Recipient, reply => JudgeRecipient(reply, i, mailRefused, accepted))),
            new("DATA", timeouts.DataInitiation, reply => data = reply),
        ];

        foreach (var group in steps.Chunk(connection.Capabilities.Pipelining ? MaxGroup : 1))
        {
            var none = mailRefused || (group[0].Command is "DATA" && accepted.Count == 0);
            if (none)
                return;
            await connection.WriteCommandsAsync(group.Select(s => s.Command), timeouts.Mail, ct);
            foreach (var step in group)
                step.Take(await connection.ReadReplyAsync(step.Timeout, ct));
        }

        if (data?.Code is 354)
            await SendDataAsync(accepted.Count > 0 ? content : default, ct);
        else if (data is not null && accepted.Count > 0 && Judge(data, results.Length))
            throw new SmtpBrokenException(SmtpProblem.MalformedReply, $"unexpected answer to DATA: {data}", data);
    }

    // RFC 3461 §4.2: a bounce then says which recipient was written, wherever its mail was forwarded to. The "utf-8" type of RFC 6533 §3 is left out.
    private string RecipientCommand(MailAddress to) =>
        $"RCPT TO:<{to}>" + (connection.Capabilities.Dsn && !NeedsUtf8(to) && Xtext(to.ToString()) is { Length: <= MaxOriginalRecipient } original ? " ORCPT=rfc822;" + original : "");

    /// <summary>RFC 3461 §4: "+", "=" and what cannot be printed as hexadecimal digits.</summary>
    private static string Xtext(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is > ' ' and <= '~' and not ('+' or '='))
                encoded.Append(c);
            else
                encoded.Append('+').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }

    private async Task SendDataAsync(ReadOnlyMemory<byte> content, CancellationToken ct)
    {
        // RFC 2920 §3.1: a peer that takes DATA after refusing every pipelined recipient is given an empty message, which it will refuse.
        var nobody = results.All(r => r is not null);
        var encoder = new SmtpDataEncoder();
        var block = new ArrayBufferWriter<byte>(BlockOctets + 1024);
        try
        {
            for (var at = 0; at < content.Length; at += BlockOctets)
            {
                encoder.Encode(content.Span[at..Math.Min(at + BlockOctets, content.Length)], block);
                if (at + BlockOctets >= content.Length)
                    break;
                await connection.WriteAsync(block.WrittenMemory, timeouts.DataBlock, ct);
                block.ResetWrittenCount();
            }
        }
        catch (SmtpBrokenException broken) when (broken.Problem is SmtpProblem.ConnectionLost)
        {
            // A peer that has had enough may have said so before it closed.
            var parting = await connection.ReadReplyAsync(timeouts.Quit, ct);
            if (!Judge(parting, results.Length))
                ConnectionUsable = false;
            else
                throw;
            return;
        }

        encoder.Finish(block);
        finalDotSent = !nobody;
        await connection.WriteAsync(block.WrittenMemory, timeouts.DataBlock, ct);
        var final = await connection.ReadReplyAsync(timeouts.DataTermination, ct);
        if (Judge(final, results.Length))
            Decide(SmtpOutcome.Accepted, final, null, final.ToString());
    }

    private void JudgeRecipient(SmtpReply reply, int index, bool mailRefused, List<int> accepted)
    {
        if (!mailRefused && Judge(reply, index))
            accepted.Add(index);
    }

    /// <summary>True for a reply that lets us go on. Otherwise it decides about the recipient of that index, or about all undecided ones.</summary>
    private bool Judge(SmtpReply reply, int index)
    {
        if (reply.IsPositive || reply.Code is 354)
            return true;
        if (!reply.IsTemporary && !reply.IsPermanent)
            throw new SmtpBrokenException(SmtpProblem.MalformedReply, $"unexpected answer: {reply}", reply);
        // RFC 5321 §4.5.3.1.10: 552 to RCPT is an old way to say "too many recipients", which is 452. RFC 4954 §6, 3207 §4: 530 asks for AUTH or
        // TLS, which is a matter of settings and not of this message.
        var temporary = reply.IsTemporary || reply.Code is 530 || (reply.Code is 552 && index < results.Length);
        var outcome = temporary ? SmtpOutcome.TemporaryFailure : SmtpOutcome.PermanentFailure;
        var problem = reply.Code is 530 ? SmtpProblem.AuthenticationRequired : SmtpProblem.Refused;
        if (index < results.Length)
            results[index] = new(message.Recipients[index], outcome, reply, problem, reply.ToString());
        else
            Decide(outcome, reply, problem, reply.ToString());
        return false;
    }

    private bool Refuse(string problem, string reason)
    {
        Decide(SmtpOutcome.PermanentFailure, null, problem, reason);
        return false;
    }

    private void Decide(SmtpOutcome outcome, SmtpReply? reply, string? problem, string reason)
    {
        for (var i = 0; i < results.Length; i++)
            results[i] ??= new(message.Recipients[i], outcome, reply, problem, reason);
    }

    // The domain is always in A-labels, so only the local-part can need it (RFC 6531 §3.3).
    private static bool NeedsUtf8(MailAddress? address) => address is not null && !Ascii.IsValid(address.LocalPart);

    private sealed record Step(string Command, TimeSpan Timeout, Action<SmtpReply> Take);
}
