using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>Which button it was, from each door to the report.</summary>
public sealed class PressTypeTests
{
    [Theory]
    [InlineData(null, Press.Spam, "abuse")]
    [InlineData("abuse", Press.Spam, "abuse")]
    [InlineData("fraud", Press.Phishing, "fraud")]
    [InlineData("Phishing", Press.Phishing, "fraud")]
    [InlineData("virus", Press.Virus, "virus")]
    public async Task The_report_has_the_type_of_the_button(string? said, Press press, string reported)
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");

        KeptComplaint kept = await app.InStateAsync(await app.PressAsync(sender.Newsletter("one"), type: said), KeptState.Counted);

        Assert.Equal(press, kept.Press);
        Assert.Equal(reported, (await app.ReportToAsync("fbl@owner.example")).Report.FeedbackType);
    }

    [Fact]
    public async Task A_phishing_press_is_taken_back_like_a_spam_press()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Complaints:UndoWindow", "00:10:00"));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");

        Guid id = await app.PressAsync(sender.Newsletter("one"), type: "fraud");
        await app.InStateAsync(id, KeptState.Held);
        await app.PressAsync(sender.Newsletter("one"), type: "not-spam");

        await app.InStateAsync(id, KeptState.Cancelled);
    }

    [Theory]
    [InlineData("spam", true, Press.Spam)]
    [InlineData(" FRAUD ", true, Press.Phishing)]
    [InlineData("not-spam", true, Press.NotSpam)]
    [InlineData("auth-failure", false, Press.Spam)]
    [InlineData("", false, Press.Spam)]
    [InlineData(null, false, Press.Spam)]
    public void A_word_is_one_of_four_kinds_or_none(string? word, bool known, Press press)
    {
        Assert.Equal(known, PressWords.TryParse(word, out Press read));
        Assert.Equal(press, read);
    }

    [Fact]
    public void No_press_is_ever_reported_as_an_authentication_failure() =>
        Assert.DoesNotContain(Enum.GetValues<Press>(), press => string.Equals(press.ReportedAs(), "auth-failure", StringComparison.Ordinal));
}
