using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Pages;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>The archive finds what a look at every complaint would find, in blocks and out of them.</summary>
public sealed class ArchiveTests
{
    private const string Domain = "owner.example";

    private static async Task<List<Complaint>> FillAsync(PostmasterApp app, int count, Func<int, (string Subject, Press Press)> make)
    {
        DateTimeOffset now = app.Time.GetUtcNow();
        var complaints = new List<Complaint>();
        await using PostmasterDb db = await app.OpenDbAsync();
        for (int i = 0; i < count; i++)
        {
            (string subject, Press press) = make(i);
            // Not in the order in which they were pressed.
            DateTimeOffset pressed = now.AddMinutes(-((i * 7919) % count) - 1);
            var kept = new KeptComplaint { Id = Guid.NewGuid(), Door = IntakeDoor.Http, Press = press, ReceivedAt = now, PressedAt = pressed, Size = 1, DueAt = now, State = KeptState.Counted };
            complaints.Add(new Complaint
            {
                KeptId = kept.Id, Domain = Domain, SigningDomain = i % 10 == 0 ? "mail.owner.example" : Domain, PressedAt = pressed, Press = press, Evidence = Evidence.VerifiedNow, Subject = subject,
                MessageId = $"m{i}.x{i * 31}@owner.example", ListId = $"list{i % 7}.owner.example",
            });
            db.Add(kept);
            db.Add(complaints[^1]);
        }

        await db.SaveChangesAsync();
        return complaints;
    }

    private static async Task<(List<Guid> Ids, FoundComplaints Page)> SearchAsync(PostmasterApp app, ComplaintFilter filter)
    {
        FoundComplaints found = await app.Services.GetRequiredService<FeedbackLoopQueries>().SearchAsync(Guid.NewGuid(), Domain, filter, CancellationToken.None);
        return ([.. found.Rows.Select(r => r.Id)], found);
    }

    private static ComplaintFilter Days(PostmasterApp app, string? text = null, int size = 25, int page = 1) =>
        new(app.Time.GetUtcNow().AddDays(-30), app.Time.GetUtcNow(), text, Page: page, PageSize: size);

    private static Task<int> MergeAsync(PostmasterApp app) => app.Services.GetRequiredService<ArchiveMerger>().MergeAsync(CancellationToken.None);

    [Fact]
    public void A_long_text_does_not_crowd_the_filters_out()
    {
        string text = string.Join(' ', Enumerable.Range(0, 40).Select(i => $"word{i}"));
        var question = ArchiveQuestion.Read("owner.example", default, default, text, Press.Phishing, "news.owner.example", handled: null);
        Assert.Equal([ArchiveText.TypeMark(Press.Phishing), ArchiveText.DomainMark("news.owner.example"), "word0"], question.Words.Take(3));
    }

    [Fact]
    public async Task What_is_in_blocks_and_what_is_in_none_is_found_alike_and_newest_first()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        string[] words = ["Spring", "sale", "Größe", "新春", "invoice-2026", "100%"];
        List<Complaint> all = await FillAsync(app, (2 * PlaceSet.Places) + 300, i => ($"{words[i % 6]} {words[i / 6 % 6]} n{i}", i % 50 == 0 ? Press.Phishing : Press.Spam));
        Assert.Equal(2, await MergeAsync(app));
        Assert.Equal(0, await MergeAsync(app));
        await using (PostmasterDb db = await app.OpenDbAsync())
            Assert.Equal(300, await db.Complaints.CountAsync(c => c.ArchiveBlockId == null));

        foreach ((string? text, Press? type, string? signed) in ((string?, Press?, string?)[])
            [("spring sale", null, null), ("GRÖSSE", null, null), ("größe", null, null), ("春", null, null), ("m77.x2387@owner.example", null, null), ("list3", Press.Phishing, null),
             (null, Press.Phishing, null), (null, null, "mail.owner.example"), ("invo* sale", null, null), ("nowhere", null, null), ("n12*", null, null), ("\"100%\"", null, null)])
        {
            ComplaintFilter filter = Days(app, text, size: 50) with { Type = type, SigningDomain = signed };
            ArchiveQuestion question = filter.Question(Domain);
            List<Guid> expected = [.. all.Where(question.Fits).OrderByDescending(c => c.PressedAt).ThenByDescending(c => c.Id).Select(c => c.Id)];
            (List<Guid> ids, FoundComplaints page) = await SearchAsync(app, filter);
            Assert.Equal(expected.Take(50), ids);
            Assert.Equal((Math.Min(expected.Count, ArchiveSearch.Most), expected.Count > ArchiveSearch.Most), (page.Total, page.IsMore));
        }
    }

    [Fact]
    public async Task The_range_of_days_cuts_through_blocks()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        List<Complaint> all = await FillAsync(app, PlaceSet.Places + 10, i => ($"Offer n{i}", Press.Spam));
        await MergeAsync(app);
        DateTimeOffset now = app.Time.GetUtcNow();

        var filter = new ComplaintFilter(now.AddMinutes(-200), now.AddMinutes(-100), "offer", PageSize: 500);
        (List<Guid> ids, _) = await SearchAsync(app, filter);

        Assert.Equal(all.Where(c => c.PressedAt >= filter.Start && c.PressedAt < filter.End).OrderByDescending(c => c.PressedAt).Select(c => c.Id), ids);
    }

    [Fact]
    public async Task Pages_lose_and_repeat_nothing_and_end_at_a_thousand()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await FillAsync(app, (2 * PlaceSet.Places) + 5, i => ("Offer", Press.Spam));
        await MergeAsync(app);
        var seen = new List<Guid>();
        for (int page = 1; page <= 11; page++)
            seen.AddRange((await SearchAsync(app, Days(app, "offer", size: 100, page: page))).Ids);

        Assert.Equal(ArchiveSearch.Most, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task What_is_marked_as_handled_is_found_so_in_blocks_and_out_of_them()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        PortalUser user = await app.EnsureUserAsync("owner@mail.example");
        List<Complaint> all = await FillAsync(app, PlaceSet.Places + 50, i => ("Offer", Press.Spam));
        var handling = app.Services.GetRequiredService<HandledStore>();
        Guid[] before = [.. all.Take(40).Select(c => c.Id)], after = [.. all.Skip(30).Take(60).Select(c => c.Id)];
        Assert.Equal(40, await handling.MarkAsync(Domain, before, user.Id, handled: true, CancellationToken.None));
        await MergeAsync(app);
        Assert.Equal(50, await handling.MarkAsync(Domain, after, user.Id, handled: true, CancellationToken.None));
        Assert.Equal(10, await handling.MarkAsync(Domain, before.Take(10), user.Id, handled: false, CancellationToken.None));
        Assert.Equal(0, await handling.MarkAsync("other.example", before, user.Id, handled: false, CancellationToken.None));

        (List<Guid> ids, FoundComplaints page) = await SearchAsync(app, Days(app, size: 500) with { Handled = true });
        Assert.Equal(before.Skip(10).Concat(after).Distinct().Order(), ids.Order());
        Assert.Equal(80, page.Total);
        Assert.Equal(PlaceSet.Places + 50 - 80, Math.Min(1000, (await SearchAsync(app, Days(app, "offer") with { Handled = false })).Page.Total));
    }

    [Fact]
    public async Task Another_domain_s_complaints_are_never_found()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await FillAsync(app, PlaceSet.Places, i => ("Offer", Press.Spam));
        await MergeAsync(app);

        FoundComplaints found = await app.Services.GetRequiredService<FeedbackLoopQueries>().SearchAsync(Guid.NewGuid(), "other.example", Days(app, "offer"), CancellationToken.None);

        Assert.Equal((0, 0), (found.Total, found.Rows.Count));
    }

    [Fact]
    public void A_set_of_places_is_kept_in_the_shorter_form_and_read_back_as_it_was()
    {
        var random = new Random(7);
        foreach (int count in (int[])[0, 1, 5, 63, 64, 65, 500, 1024])
        {
            var set = new PlaceSet();
            int[] places = [.. Enumerable.Range(0, PlaceSet.Places).OrderBy(_ => random.Next()).Take(count).Order()];
            Array.ForEach(places, set.Add);
            Assert.Equal(places, PlaceSet.Read(set.Write()).Each());
            Assert.Equal(places, PlaceSet.Read(set.WriteBitmap()).Each());
            Assert.True(set.Write().Length <= PlaceSet.Places / 8);
        }
    }

    [Theory]
    [InlineData("Spring-Sale 50% off!", "spring,sale,50,off")]
    [InlineData("ＳＰＲＩＮＧ", "spring")]
    [InlineData("春の日", "春,の,日")]
    [InlineData("\uD800 half", "half")]
    [InlineData("", "")]
    public void A_text_is_cut_into_words(string text, string words) => Assert.Equal(words, string.Join(',', ArchiveText.Words(text)));
}
