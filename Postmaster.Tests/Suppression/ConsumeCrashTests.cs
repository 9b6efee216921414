using Postmaster.Tests.Cli;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Suppression;

namespace Postmaster.Tests.Suppression;

/// <summary>Whenever a run ends, and however many go on at once: every entry is on the list once, and its command has run.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeCrashTests : IDisposable
{
    private const int Mails = 60, Kills = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData((int)KeepStep.Locked)]
    [InlineData((int)KeepStep.CommandsDue)]
    [InlineData((int)KeepStep.Written)]
    [InlineData((int)KeepStep.InPlace)]
    public async Task A_run_that_ends_at_a_step_leaves_the_old_list_or_the_new_one_and_the_next_run_goes_on(int step)
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("old", Reports.Of(0)));
        _desk.Deliver("1", Reports.Of());
        var entry = new SuppressionEntry(new string('a', 32), DateTimeOffset.UnixEpoch, "abuse", "x@p.example", null, null, null, null, null, null, null, null, null, null, null, null, null);
        var dying = new SuppressionFile(_desk.List, TimeProvider.System) { Reached = at => { if ((int)at == step) throw new OperationCanceledException("killed"); } };
        await Assert.ThrowsAsync<OperationCanceledException>(() => dying.KeepAsync([entry], withCommand: true, CancellationToken.None));
        Assert.Equal(step < (int)KeepStep.InPlace ? 1 : 2, _desk.Rows().Count);

        var next = new SuppressionFile(_desk.List, TimeProvider.System);
        IReadOnlySet<string> added = await next.KeepAsync([entry], withCommand: true, CancellationToken.None);
        Assert.Equal(step < (int)KeepStep.InPlace ? 1 : 0, added.Count);
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, "--exec", _desk.Program($"echo $POSTMASTER_RECIPIENT >> '{_desk.At("log")}'"), _desk.Box);
        Assert.Equal(0, said.Exit);
        Assert.Equal(["user0@provider.example", "x@p.example", "user1@provider.example"], _desk.Rows().Select(r => r["recipient"]));
        Assert.Equal(["user1@provider.example", "x@p.example"], _desk.Lines("log").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Killed_again_and_again_nothing_is_lost_and_nothing_stands_twice()
    {
        for (int i = 0; i < Mails; i++)
            _desk.Deliver(FormattableString.Invariant($"{i}"), Reports.Of(i));
        string program = _desk.Program($"echo $POSTMASTER_RECIPIENT >> '{_desk.At("log")}'; sleep 0.02");
        var random = new Random(5);
        for (int kill = 0; kill < Kills; kill++)
        {
            await using ServerProcess run = Start(program);
            await Task.Delay(random.Next(150, 900));
            run.Kill();
            AssertWhole();
        }

        await using ServerProcess last = Start(program);
        Assert.Equal(0, await last.WaitForExitAsync(Patience));
        AssertWhole();
        Assert.Equal((0, Mails, Mails), (_desk.In("new").Length, _desk.In("cur").Length, _desk.Rows().Count));
        Assert.Equal(Mails, _desk.Lines("log").Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(_desk.Lines("log").Length, Mails, Mails + Kills); // the one that was running may run again
    }

    [Fact]
    public async Task Four_processes_at_once_keep_every_entry_once_and_run_every_command_once()
    {
        for (int i = 0; i < Mails; i++)
            _desk.Deliver(FormattableString.Invariant($"{i}"), Reports.Of(i));
        string program = _desk.Program($"echo $POSTMASTER_RECIPIENT >> '{_desk.At("log")}'");
        ServerProcess[] runs = [Start(program), Start(program), Start(program), Start(program)];
        foreach (ServerProcess run in runs)
        {
            Assert.Equal(0, await run.WaitForExitAsync(Patience));
            await run.DisposeAsync();
        }

        AssertWhole();
        Assert.Equal((0, Mails, Mails), (_desk.In("new").Length, _desk.In("cur").Length, _desk.Rows().Count));
        Assert.Equal(Mails, _desk.Lines("log").Length);
        Assert.Equal(Mails, _desk.Lines("log").Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Many_writers_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write($"r{i}", Reports.Of(i)))));
        AssertWhole();
        Assert.Equal(40, _desk.Rows().Count);
    }

    private ServerProcess Start(string program) => ServerProcess.Start(["consume", "--csv", _desk.List, "--exec", program, _desk.Box]);

    /// <summary>Header and whole rows, no id twice, and what is read is on the list.</summary>
    private void AssertWhole()
    {
        string[] read = Directory.Exists(_desk.Box) ? _desk.In("cur") : [];
        if (!File.Exists(_desk.List))
        {
            Assert.Empty(read);
            return;
        }

        Assert.EndsWith("\n", File.ReadAllText(_desk.List), StringComparison.Ordinal);
        List<Dictionary<string, string>> rows = _desk.Rows();
        Assert.All(rows, r => Assert.Equal((32, 17), (r["id"].Length, r.Count)));
        Assert.Equal(rows.Count, rows.Select(r => r["id"]).Distinct(StringComparer.Ordinal).Count());
        HashSet<string> kept = [.. rows.Select(r => r["recipient"])];
        Assert.All(read, name => Assert.Contains($"user{name.Split(':')[0]}@provider.example", kept));
    }
}
