using System.Buffers;
using System.Text;
using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>Asks DNS for one check, within its time (RFC 7208 §4.6.4). The clock runs only while an answer is waited for.</summary>
internal sealed class SpfQuestions(IDnsResolver dns, SpfEvaluatorOptions options, CancellationToken ct) : IDisposable
{
    /// <summary>What is not itself in the text form of a name (RFC 1035 §5.1).</summary>
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private CancellationTokenSource? _timer;
    private CancellationTokenSource? _waiting;

    /// <summary>The time is over, and with it the check.</summary>
    public bool OutOfTime { get; private set; }

    /// <summary>RFC 7208 §4.6.4: an answer without records, or no such name. A name that DNS cannot hold was never asked for.</summary>
    public static bool IsVoid(DnsAnswer answer) => answer.Status == DnsStatus.NoData || (answer.Status == DnsStatus.NxDomain && answer.Problem is null);

    /// <param name="name">Characters as they are, out of a macro-string.</param>
    public ValueTask<DnsAnswer> AskAsync(string name, DnsRecordType type)
        => AskNameAsync(ToQuery(name), type);

    /// <param name="name">In the text form of DNS, such as a name out of an answer.</param>
    public ValueTask<DnsAnswer> AskNameAsync(string name, DnsRecordType type)
    {
        if (OutOfTime)
            return ValueTask.FromResult(NoTime(name, type));
        var pending = dns.QueryAsync(name, type, ct);
        return pending.IsCompletedSuccessfully ? pending : WaitAsync(pending.AsTask(), name, type);
    }

    public void Dispose()
    {
        _waiting?.Dispose();
        _timer?.Dispose();
    }

    private async ValueTask<DnsAnswer> WaitAsync(Task<DnsAnswer> pending, string name, DnsRecordType type)
    {
        _timer ??= options.Time is null ? new CancellationTokenSource(options.MaxTime) : new CancellationTokenSource(options.MaxTime, options.Time);
        _waiting ??= CancellationTokenSource.CreateLinkedTokenSource(ct, _timer.Token);
        try
        {
            return await pending.WaitAsync(_waiting.Token);
        }
        catch (OperationCanceledException) when (_timer.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            OutOfTime = true;
            return NoTime(name, type);
        }
    }

    private DnsAnswer NoTime(string name, DnsRecordType type)
        => new() { Status = DnsStatus.Timeout, Name = name, Type = type, Waited = options.MaxTime };

    private static string ToQuery(string name) => name.AsSpan().ContainsAnyExcept(Plain) ? Escape(name) : name;

    /// <summary>Dots part labels, all else that is not plain becomes an escape; characters beyond US-ASCII stay and are asked for as UTF-8.</summary>
    private static string Escape(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (Plain.Contains(c) || !char.IsAscii(c))
                text.Append(c);
            else
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\{(int)c:D3}");
        }
        return text.ToString();
    }
}
