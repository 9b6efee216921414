using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;

namespace Postmaster.Tests.Spf;

/// <summary>A check in one line: the sender anna@example.org, the client 192.0.2.1 that says it is mx.example.net.</summary>
internal static class SpfKit
{
    public const string Client = "192.0.2.1";

    public const string Client6 = "2001:db8::1";

    public const string Sender = "anna@example.org";

    public const string Helo = "mx.example.net";

    /// <summary>A zone in which example.org has this record.</summary>
    public static ZoneResolver Zone(string record) => new ZoneResolver().AddTxt("example.org", record);

    public static async Task<SpfResult> CheckAsync(
        IDnsResolver dns, string ip = Client, string sender = Sender, string helo = Helo, SpfEvaluatorOptions? options = null)
    {
        var result = await new SpfEvaluator(dns, options).CheckReversePathAsync(IPAddress.Parse(ip), sender, helo, CancellationToken.None);
        Assert.NotEmpty(result.Reason);
        Assert.Equal(result.Status is SpfStatus.None or SpfStatus.TempError or SpfStatus.PermError, result.Problem != SpfProblem.None);
        return result;
    }

    public static async Task ExpectAsync(SpfStatus status, IDnsResolver dns, string ip = Client, string sender = Sender, string helo = Helo)
    {
        var result = await CheckAsync(dns, ip, sender, helo);
        Assert.True(status == result.Status, $"{result.Status}: {result.Reason}");
    }

    public static async Task ExpectAsync(SpfProblem problem, IDnsResolver dns, string ip = Client, string sender = Sender, string helo = Helo)
    {
        var result = await CheckAsync(dns, ip, sender, helo);
        Assert.True(problem == result.Problem, $"{result.Status}: {result.Reason}");
    }
}
