using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>The undo window: what "not junk" takes back, in whichever order things come.</summary>
public sealed class UndoTests
{
    private static async Task<(PostmasterApp App, SigningSender Sender)> StartAsync(string window = "00:10:00")
    {
        PostmasterApp app = await PressKit.StartAsync(("Complaints:UndoWindow", window));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        return (app, sender);
    }

    [Fact]
    public async Task A_press_counts_when_the_window_is_over_and_not_before()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;

        Guid id = await app.PressAsync(sender.Newsletter("one"));
        KeptComplaint held = await app.InStateAsync(id, KeptState.Held);
        Assert.Equal(held.PressedAt.AddMinutes(10), held.DueAt);
        app.Time.Advance(TimeSpan.FromMinutes(9));
        app.Wake();
        await Task.Delay(300);
        await app.InStateAsync(id, KeptState.Held);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        app.Wake();

        await app.InStateAsync(id, KeptState.Counted);
        await app.ReportToAsync("fbl@owner.example");
    }

    [Fact]
    public async Task Not_junk_within_the_window_takes_the_press_back()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        byte[] message = sender.Newsletter("one");

        Guid id = await app.PressAsync(message);
        await app.InStateAsync(id, KeptState.Held);
        Guid other = await app.PressAsync(message, "bob@provider.example");
        Guid undo = await app.PressAsync(message, type: "not-spam");
        await app.InStateAsync(id, KeptState.Cancelled);
        await app.InStateAsync(undo, KeptState.Cancelled);
        app.Time.Advance(TimeSpan.FromMinutes(11));
        app.Wake();

        await app.InStateAsync(other, KeptState.Counted); // somebody else's press stands
        await app.InStateAsync(id, KeptState.Cancelled);
        Assert.Equal(1, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task Not_junk_that_is_read_before_the_press_takes_it_back_as_well()
    {
        var (app, sender) = await StartAsync("00:00:00");
        await using PostmasterApp _ = app;
        byte[] message = sender.Newsletter("one");
        DateTimeOffset pressed = app.Time.GetUtcNow().AddMinutes(-5);

        Guid undo = await app.PressAsync(message, type: "not-spam", at: pressed.AddMinutes(1));
        await app.InStateAsync(undo, KeptState.Cancelled);
        Guid late = await app.PressAsync(message, at: pressed);

        await app.InStateAsync(late, KeptState.Cancelled);
        Assert.Equal(0, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task A_press_after_not_junk_counts_again()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        byte[] message = sender.Newsletter("one");

        Guid first = await app.PressAsync(message);
        await app.InStateAsync(first, KeptState.Held);
        await app.InStateAsync(await app.PressAsync(message, type: "not-spam"), KeptState.Cancelled);
        Guid again = await app.PressAsync(message);
        await app.InStateAsync(again, KeptState.Held);
        app.Time.Advance(TimeSpan.FromMinutes(11));
        app.Wake();

        await app.InStateAsync(again, KeptState.Counted);
        await app.InStateAsync(first, KeptState.Cancelled);
        Assert.Equal(1, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task Not_junk_after_the_count_changes_nothing_and_a_new_press_is_a_duplicate()
    {
        var (app, sender) = await StartAsync("00:00:00");
        await using PostmasterApp _ = app;
        byte[] message = sender.Newsletter("one");

        await app.InStateAsync(await app.PressAsync(message), KeptState.Counted);
        await app.InStateAsync(await app.PressAsync(message, type: "not-spam"), KeptState.Cancelled);
        await app.InStateAsync(await app.PressAsync(message), KeptState.Duplicate);

        Assert.Equal(1, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task Not_junk_takes_back_a_press_that_waits_for_DNS()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        app.Zone.Fail(sender.KeyName, DnsStatus.ServFail);
        byte[] message = sender.Newsletter("one");

        Guid id = await app.PressAsync(message);
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return await db.KeptComplaints.AnyAsync(k => k.Id == id && k.DnsTries == 1);
        }, () => "DNS was not tried");
        await app.PressAsync(message, type: "not-spam");

        await app.InStateAsync(id, KeptState.Cancelled);
    }

    [Theory]
    [InlineData("1.00:00:01")]
    [InlineData("-00:00:01")]
    public async Task A_window_beyond_a_day_stops_the_start_with_the_name_of_the_key(string window)
    {
        var refused = await Assert.ThrowsAnyAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => PressKit.StartAsync(("Complaints:UndoWindow", window)));
        Assert.Contains("Complaints:UndoWindow", refused.Message, StringComparison.Ordinal);
    }
}
