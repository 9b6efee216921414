using Postmaster.Tests.Cli;

namespace Postmaster.Tests.Suppression;

/// <summary>Which mails of a Maildir are read, and when they count as read.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeMaildirTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task Kept_mails_go_to_cur_and_what_a_person_should_see_gets_a_star()
    {
        _desk.Deliver("1.a", Reports.Of());
        _desk.Deliver("2.b", "Subject: hello\n\nWhen will you stop?\n");
        _desk.Deliver("3.c", Reports.Of(type: "virus"));
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Box);
        Assert.Equal((1, "3 mails: 1 new entry, 1 of another type, 1 no report\n"), (said.Exit, said.Output));
        Assert.Empty(_desk.In("new"));
        Assert.Equal(["1.a:2,S", "2.b:2,FS", "3.c:2,S"], _desk.In("cur"));
        Verbs again = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Box);
        Assert.Equal((0, "0 mails: 0 new entries\n", ""), (again.Exit, again.Output, again.Error));
    }

    [Fact]
    public async Task A_mail_that_a_reader_has_only_listed_is_read_and_keeps_its_flags()
    {
        _desk.Deliver("1", Reports.Of());
        _desk.Deliver("2", Reports.Of(2));
        File.Move(Path.Combine(_desk.Box, "new", "1"), Path.Combine(_desk.Box, "cur", "1:2,R"));
        File.Move(Path.Combine(_desk.Box, "new", "2"), Path.Combine(_desk.Box, "cur", "2:2,S"));
        File.WriteAllText(Path.Combine(_desk.Box, "tmp", "3"), Reports.Of(3));
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Box);
        Assert.Equal("user1@provider.example", Assert.Single(_desk.Rows())["recipient"]);
        Assert.Equal(["1:2,RS", "2:2,S"], _desk.In("cur"));
    }

    [Fact]
    public async Task What_is_only_printed_is_not_kept_and_stays_in_new()
    {
        _desk.Deliver("1", Reports.Of());
        Verbs said = await Verbs.RunAsync("consume", _desk.Box);
        Assert.Single(Desk.Rows(said.Output));
        Assert.Equal(["1"], _desk.In("new"));
    }

    [Fact]
    public async Task When_the_list_cannot_be_written_the_mails_stay_in_new()
    {
        _desk.Deliver("1", Reports.Of());
        Directory.CreateDirectory(_desk.List + ".new");
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Box);
        Assert.Equal((1, 1), (said.Exit, _desk.In("new").Length));
        Assert.StartsWith("NOT kept: ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_mails_than_a_batch_are_read_in_several_batches()
    {
        for (int i = 0; i < 1200; i++)
            _desk.Deliver(FormattableString.Invariant($"{i}"), Reports.Of(i / 2));
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Box);
        Assert.Equal((0, 0, 1200), (said.Exit, _desk.In("new").Length, _desk.In("cur").Length));
        Assert.Equal(600, _desk.Rows().Select(r => r["recipient"]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(600, _desk.Rows().Count);
    }
}
