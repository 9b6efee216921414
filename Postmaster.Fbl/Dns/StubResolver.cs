using System.Diagnostics;
using System.Net;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// Asks recursive servers over the wire (RFC 1034 §5.3.1, RFC 1035 §7): several servers in several rounds, CNAMEs followed within an answer and by
/// further questions, every failure a value. Leaves out: walking from the root, DNSSEC validation (the server's work), search lists,
/// names from the hosts file, TLS. Put a <see cref="CachingResolver"/> in front.
/// </summary>
/// <param name="time">Runs the time-outs.</param>
public sealed class StubResolver(StubResolverOptions options, TimeProvider time) : IDnsResolver, IDisposable
{
    /// <summary>Keeps the doubled time-outs within a number; the total ends long before.</summary>
    private const int MaxDoublings = 8;

    private readonly SemaphoreSlim _slots = new(options.MaxConcurrentQuestions);
    private int _preferred;

    public async ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
    {
        if (!DnsName.TryParse(name, out var asked))
            return DnsAnswer.BadName(name, type);
        var answer = new DnsAnswer { Status = DnsStatus.ServFail, Name = asked.Text, Type = type };
        if (options.Servers.Count == 0)
            return answer with { Problem = "no-servers" };
        await _slots.WaitAsync(ct);
        try
        {
            var started = time.GetTimestamp();
            using var patience = new CancellationTokenSource(options.TotalTimeout, time);
            using var total = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ct);
            answer = await FollowAsync(answer, asked, total.Token, ct);
            return answer.Status == DnsStatus.Timeout ? answer with { Waited = time.GetElapsedTime(started) } : answer;
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    /// <summary>Asks until the chain of CNAMEs ends; <see cref="AnswerChain.MaxAliases"/> bounds it.</summary>
    private async ValueTask<DnsAnswer> FollowAsync(DnsAnswer answer, DnsName asked, CancellationToken total, CancellationToken ct)
    {
        var seen = new HashSet<DnsName> { asked };
        var name = asked;
        var ttl = TimeSpan.MaxValue;
        while (true)
        {
            var reply = await AskServersAsync(new DnsQuestion(name, answer.Type), seen, total, ct);
            answer = answer with { Server = DnsServerAddress.Format(reply.Server), Problem = reply.Problem };
            if (reply.Chain is not { } chain)
                return answer with { Status = reply.Problem is null ? DnsStatus.Timeout : DnsStatus.ServFail };
            ttl = chain.Ttl < ttl ? chain.Ttl : ttl;
            name = chain.Name;
            answer = answer with { CanonicalName = name.Equals(asked) ? null : name.Text };
            switch (chain.Outcome)
            {
                case AnswerOutcome.Found:
                    return answer with { Status = DnsStatus.Found, Records = chain.Records, Ttl = ttl };
                case AnswerOutcome.NoData:
                    return answer with { Status = DnsStatus.NoData, Ttl = ttl };
                case AnswerOutcome.NxDomain:
                    return answer with { Status = DnsStatus.NxDomain, Ttl = ttl };
                case AnswerOutcome.Loop:
                    return answer with { Problem = "cname-loop" };
                case AnswerOutcome.TooLong:
                    return answer with { Problem = "cname-chain-too-long" };
                case AnswerOutcome.Unfinished:
                    break;
                default:
                    throw new UnreachableException();
            }
        }
    }

    /// <summary>Goes through the servers until one says something about the name; of failures the last one that said anything is kept.</summary>
    private async ValueTask<ServerReply> AskServersAsync(DnsQuestion question, HashSet<DnsName> seen, CancellationToken total, CancellationToken ct)
    {
        ServerReply? failure = null;
        var server = options.Servers[0];
        var first = Volatile.Read(ref _preferred);
        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < options.Servers.Count; i++)
            {
                var index = (first + i) % options.Servers.Count;
                server = options.Servers[index];
                if (await AskServerAsync(server, question, seen, options.ServerTimeout * (1 << Math.Min(round, MaxDoublings)), total, ct) is { } reply)
                {
                    if (reply.Chain is not null)
                    {
                        Volatile.Write(ref _preferred, index);
                        return reply;
                    }
                    failure = reply;
                }
                if (total.IsCancellationRequested)
                    return failure ?? new ServerReply(server, null, null);
            }
            // All that remains to be had from another round is an answer from those that kept silent.
            if (failure is not null)
                return failure;
        }
        return new ServerReply(server, null, null);
    }

    /// <summary>Null when the server did not answer in time.</summary>
    private async ValueTask<ServerReply?> AskServerAsync(
        IPEndPoint server, DnsQuestion question, HashSet<DnsName> seen, TimeSpan timeout, CancellationToken total, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, total);
        try
        {
            var (response, problem) = await new ServerExchange(server, question, options.UdpPayloadSize).AskAsync(either.Token);
            if (response is null)
                return new ServerReply(server, null, problem);
            if (response.ResponseCode is not (DnsResponseCode.NoError or DnsResponseCode.NxDomain))
                return new ServerReply(server, null, ProblemOf(response.ResponseCode));
            var chain = AnswerChain.Read(response, question.Name, question.Type, seen);
            return chain.Outcome == AnswerOutcome.Referral ? new ServerReply(server, null, "not-recursive") : new ServerReply(server, chain, null);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string ProblemOf(DnsResponseCode code) => code switch
    {
        DnsResponseCode.FormErr => "format-error",
        DnsResponseCode.ServFail => "servfail",
        DnsResponseCode.NotImp => "not-implemented",
        DnsResponseCode.Refused => "refused",
        _ => $"response-code-{(int)code}",
    };

    /// <param name="Chain">Null when the server failed, or, without a problem, kept silent.</param>
    private sealed record ServerReply(IPEndPoint Server, AnswerChain? Chain, string? Problem);
}
