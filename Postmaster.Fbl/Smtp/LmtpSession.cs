using System.IO.Pipelines;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Smtp;

/// <summary>
/// The server side of one LMTP connection (RFC 2033). The host accepts the connection, hands its pipe in, and closes it when
/// <see cref="RunAsync"/> returns. Nothing is acknowledged before the handler has answered; whatever goes wrong here is told to the client as
/// a 4yz, so that it keeps the mail. Memory is bounded by one message and one command line.
/// </summary>
public sealed class LmtpSession
{
    private readonly LmtpSessionOptions options;
    private readonly ILmtpHandler handler;
    private readonly TimeProvider time;
    private readonly IDuplexPipe pipe;
    private readonly List<Exception> failures = [];

    private LmtpChannel channel = null!;
    private LmtpEnvelope? envelope;
    private string? clientName;
    private int messagesAccepted;
    private int messagesRefused;
    private int recipientsRefused;
    private int commandErrors;
    private long dataBytes;

    public LmtpSession(IDuplexPipe pipe, LmtpSessionOptions options, ILmtpHandler handler, TimeProvider time)
    {
        this.pipe = pipe;
        this.options = options;
        this.handler = handler;
        this.time = time;
    }

    /// <summary>Talks until the client or a limit ends the session; never throws for what a client does. Cancelling <paramref name="ct"/> means that
    /// the host stops: a call of the handler under way is told and awaited, then the client hears 421. To be called once.</summary>
    public async Task<LmtpSessionResult> RunAsync(CancellationToken ct)
    {
        channel = new LmtpChannel(pipe, options, time, ct);
        LmtpSessionEnd end;
        try
        {
            await channel.WriteAsync(new SmtpReply(220, null, options.HostName + " LMTP"));
            end = await ServeAsync(ct);
        }
        catch (LmtpEndedException ended)
        {
            end = ended.End;
        }

        await channel.WriteLastAsync(LmtpReplies.For(end));
        return new LmtpSessionResult
        {
            End = end,
            ClientName = clientName,
            MessagesAccepted = messagesAccepted,
            MessagesRefused = messagesRefused,
            RecipientsRefused = recipientsRefused,
            CommandErrors = commandErrors,
            DataBytes = dataBytes,
            HandlerFailures = failures,
        };
    }

    private async Task<LmtpSessionEnd> ServeAsync(CancellationToken ct)
    {
        while (true)
        {
            var line = await channel.ReadCommandAsync();
            var (verb, argument) = Split(line ?? "");
            if (verb is "QUIT")
                return LmtpSessionEnd.Quit;
            if (line is not null && verb is "DATA" && argument.Length == 0 && envelope is { Recipients.Count: > 0 })
            {
                await ReceiveAsync(envelope, ct);
                envelope = null;
                if (messagesAccepted + messagesRefused >= options.MaxMessages)
                    return LmtpSessionEnd.TooManyMessages;
                continue;
            }

            var reply = line is null ? NotACommand(channel.LastProblem) : await AnswerAsync(verb, argument, ct);
            await channel.WriteAsync(reply);
        }
    }

    private async ValueTask<SmtpReply> AnswerAsync(string verb, string argument, CancellationToken ct) => verb switch
    {
        "LHLO" => Hello(argument),
        "MAIL" => StartTransaction(argument),
        "RCPT" => await AddRecipientAsync(argument, ct),
        "DATA" => Error(argument.Length > 0 ? LmtpReplies.BadSyntax : envelope is null ? LmtpReplies.NeedMail : LmtpReplies.NoValidRecipients),
        "RSET" => Reset(),
        "NOOP" => LmtpReplies.Ok,
        "VRFY" => LmtpReplies.CannotVerify,
        "HELP" => LmtpReplies.Help,
        "HELO" or "EHLO" => Error(LmtpReplies.NotSmtp),
        "EXPN" or "TURN" or "ETRN" or "BDAT" or "AUTH" or "STARTTLS" => Error(LmtpReplies.NotImplemented),
        _ => Error(LmtpReplies.UnknownCommand),
    };

    private SmtpReply Hello(string argument)
    {
        // RFC 5321 §4.1.1.1: a name or an address literal; it is kept as a fact and trusted for nothing.
        if (argument.Length is 0 or > 255 || argument.Any(c => c is <= ' ' or > '~'))
            return Error(LmtpReplies.BadSyntax);
        clientName = argument;
        // RFC 5321 §4.1.4: also a reset.
        envelope = null;
        return new SmtpReply(250, null, [options.HostName, "PIPELINING", $"SIZE {options.MaxMessageBytes}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]);
    }

    private SmtpReply StartTransaction(string argument)
    {
        if (clientName is null)
            return Error(LmtpReplies.NeedLhlo);
        if (envelope is not null)
            return Error(LmtpReplies.NestedMail);
        var refusal = LmtpMailCommand.TryParse(argument, clientName, options, out var started);
        if (refusal is not null)
            return Error(refusal);
        envelope = started;
        return LmtpReplies.SenderOk;
    }

    private async ValueTask<SmtpReply> AddRecipientAsync(string argument, CancellationToken ct)
    {
        if (envelope is not { } current)
            return Error(clientName is null ? LmtpReplies.NeedLhlo : LmtpReplies.NeedMail);
        // RFC 5321 §4.5.3.1.10
        if (current.Recipients.Count >= options.MaxRecipients)
            return LmtpReplies.TooManyRecipients;
        var refusal = LmtpMailCommand.TryParseRecipient(argument, current.SmtpUtf8, options, out var recipient);
        if (refusal is not null || recipient is null)
            return Error(refusal ?? LmtpReplies.BadRecipient);

        var reply = Sound(await AskAsync(limit => handler.RecipientAsync(current, recipient, limit), ct));
        if (reply.IsPositive)
            envelope = current with { Recipients = [.. current.Recipients, recipient] };
        else
            recipientsRefused++;
        return reply;
    }

    private SmtpReply Reset()
    {
        envelope = null;
        return LmtpReplies.Ok;
    }

    private async Task ReceiveAsync(LmtpEnvelope complete, CancellationToken ct)
    {
        await channel.WriteAsync(LmtpReplies.StartData);
        using var message = new SmtpMessageBuffer(options.MaxMessageBytes, options.MemoryBudget);
        var whole = await channel.ReadDataAsync(message, count => dataBytes += count);
        IReadOnlyList<SmtpReply> replies =
            message.TooLarge ? [.. complete.Recipients.Select(_ => LmtpReplies.TooLarge)]
            : message.OutOfMemory || !whole ? [.. complete.Recipients.Select(_ => LmtpReplies.OutOfMemory)]
            : await AskAsync(limit => handler.DeliverAsync(complete, message.Written, limit), ct) ?? [];

        // RFC 2033 §4.2: a reply for each accepted recipient, in the order of the RCPT commands.
        var accepted = false;
        for (var i = 0; i < complete.Recipients.Count; i++)
        {
            var reply = Sound(i < replies.Count ? replies[i] : null);
            accepted |= reply.IsPositive;
            await channel.WriteAsync(reply);
        }

        (messagesAccepted, messagesRefused) = accepted ? (messagesAccepted + 1, messagesRefused) : (messagesAccepted, messagesRefused + 1);
        if (!whole)
            throw new LmtpEndedException(LmtpSessionEnd.Flooded);
    }

    /// <summary>One call of the handler. Null when it failed or took too long: the client hears 451 and comes again.</summary>
    private async ValueTask<T?> AskAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken ct)
        where T : class
    {
        using var limit = new CancellationTokenSource(options.HandlerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            // A handler that is told to stop may still come to its end; one that runs out of time is left behind.
            return await ask(either.Token).AsTask().WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            throw new LmtpEndedException(LmtpSessionEnd.HostStopping);
        }
        catch (Exception e)
        {
            if (failures.Count < LmtpSessionResult.MaxKeptFailures)
                failures.Add(e);
            return null;
        }
    }

    /// <summary>A handler's answer that is none, or that no client would understand here, becomes "try later".</summary>
    private static SmtpReply Sound(SmtpReply? reply) => reply is { IsPositive: true } or { IsTemporary: true } or { IsPermanent: true } ? reply : LmtpReplies.LocalError;

    private SmtpReply NotACommand(LmtpLine problem) => Error(problem is LmtpLine.TooLong ? LmtpReplies.LineTooLong : LmtpReplies.BadOctets);

    private SmtpReply Error(SmtpReply reply)
    {
        if (++commandErrors > options.MaxErrors)
            throw new LmtpEndedException(LmtpSessionEnd.TooManyErrors);
        return reply;
    }

    private static (string Verb, string Argument) Split(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0
            ? (line.ToUpperInvariant(), "")
            : (line[..space].ToUpperInvariant(), line[(space + 1)..].Trim(' '));
    }
}
