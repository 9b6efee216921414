using System.Buffers;
using System.IO.Pipelines;

namespace Postmaster.Fbl.Milter;

// The milter protocol, by which Sendmail and Postfix let a filter see SMTP sessions. It has no RFC. The sources are libmilter's header mfdef.h (version 6,
// the constants and their names), libmilter's documentation, and Postfix's MILTER_README, which tells what Postfix does otherwise.
// Left out on purpose: every reply that refuses, delays or changes mail, and the request for a list of macros, which counts as such an action. Left out as
// nobody needs it here: larger packets than an MTA sends unasked (SMFIP_MDS_*), and the order to skip the rest of a body (SMFIR_SKIP).

/// <summary>
/// The filter's side of one milter connection that only looks on. The host accepts the connection, hands its pipe in, and closes it when
/// <see cref="RunAsync"/> returns. It asks the MTA not to wait for replies, answers the only one that has to be "continue", and has no way to say anything
/// else. Memory is bounded by one message and one packet.
/// </summary>
public sealed class MilterSession
{
    private readonly IMilterHandler handler;
    private readonly IDuplexPipe pipe;
    private readonly MilterSessionOptions options;
    private readonly TimeProvider time;
    private readonly List<Exception> failures = [];

    private MilterTerms? terms;
    private int messages;
    private int messagesLost;

    public MilterSession(IDuplexPipe pipe, MilterSessionOptions options, IMilterHandler handler, TimeProvider time)
    {
        this.pipe = pipe;
        this.options = options;
        this.handler = handler;
        this.time = time;
    }

    /// <summary>Listens until the MTA or a limit ends the session; never throws for what an MTA does. To be called once.</summary>
    public async Task<MilterSessionResult> RunAsync(CancellationToken ct)
    {
        var channel = new MilterChannel(pipe, options, time, ct);
        using var collector = new MilterCollector(options);
        MilterSessionEnd end;
        try
        {
            end = await ServeAsync(channel, collector);
        }
        catch (MilterEndedException ended)
        {
            end = ended.End;
        }

        HandOver(collector.Take(complete: false));
        await channel.WriteLastAsync();
        return new MilterSessionResult
        {
            End = end,
            Messages = messages,
            MessagesLost = messagesLost,
            RecipientsRefused = collector.RecipientsRefused,
            Bytes = channel.BytesRead,
            HandlerFailures = failures,
        };
    }

    private async Task<MilterSessionEnd> ServeAsync(MilterChannel channel, MilterCollector collector)
    {
        while (true)
        {
            var packet = await channel.ReadAsync();
            if (packet.Command is MilterCommand.Quit)
                return MilterSessionEnd.Quit;
            if (packet.Command is MilterCommand.Negotiate)
            {
                if (!MilterTerms.TryAgree(Whole(packet.Data), out var agreed))
                    return MilterSessionEnd.ProtocolError;
                terms = agreed;
                channel.Write((byte)MilterCommand.Negotiate, agreed.ToOptions());
                continue;
            }

            if (terms is null || !TryTake(packet, collector, terms))
                return MilterSessionEnd.ProtocolError;
            if (terms.Expects(packet.Command))
                channel.Write((byte)MilterReply.Continue, []);
            if (packet.Command is MilterCommand.EndOfMessage)
            {
                // The MTA goes on before anybody looks at the mail.
                await channel.FlushAsync();
                messages++;
                HandOver(collector.Take(complete: true));
            }
        }
    }

    /// <summary>False for a command that no version has: which replies such an MTA waits for is a guess.</summary>
    private bool TryTake(MilterPacket packet, MilterCollector collector, MilterTerms agreed)
    {
        switch (packet.Command)
        {
            case MilterCommand.Macro:
                // Values for MAIL are the first of a new transaction; some MTAs do not end the one before when it came to nothing.
                if (packet.Data is { IsEmpty: false, FirstSpan: [(byte)MilterCommand.Mail, ..] })
                    HandOver(collector.Take(complete: false));
                collector.Macro(Whole(packet.Data));
                return true;
            case MilterCommand.Connect:
                collector.Connect(Whole(packet.Data));
                return true;
            case MilterCommand.Helo:
                collector.Helo(Whole(packet.Data));
                return true;
            case MilterCommand.Mail:
                HandOver(collector.Take(complete: false, forgetMacros: false));
                collector.Mail(Whole(packet.Data));
                return true;
            case MilterCommand.Recipient:
                collector.Recipient(Whole(packet.Data));
                return true;
            case MilterCommand.Header:
                collector.Header(Whole(packet.Data), agreed.Agreed(MilterProtocol.LeadingSpace));
                return true;
            case MilterCommand.EndOfHeader:
                collector.EndOfHeader();
                return true;
            case MilterCommand.Body or MilterCommand.EndOfMessage:
                collector.Body(packet.Data);
                return true;
            case MilterCommand.Abort:
                HandOver(collector.Take(complete: false));
                return true;
            case MilterCommand.QuitNewConnection:
                HandOver(collector.Take(complete: false));
                collector.ForgetClient();
                return true;
            case MilterCommand.Data or MilterCommand.Unknown:
                return true;
            default:
                return false;
        }
    }

    /// <summary>A transaction without any recipient is nobody's news.</summary>
    private void HandOver(MilterTransaction? transaction)
    {
        if (transaction is null)
            return;
        if (transaction.Loss is not MilterLoss.None)
            messagesLost++;
        if (transaction is { Recipients: [], RecipientsDropped: 0 })
        {
            transaction.Dispose();
            return;
        }

        try
        {
            handler.Observe(transaction);
        }
        catch (Exception e)
        {
            transaction.Dispose();
            if (failures.Count < MilterSessionResult.MaxKeptFailures)
                failures.Add(e);
        }
    }

    private static ReadOnlySpan<byte> Whole(ReadOnlySequence<byte> data) => data.IsSingleSegment ? data.FirstSpan : data.ToArray();
}
