using System.Net;
using System.Text;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>Strangers may post anything to the links of mails: what is no form is refused in words, whichever link it is.</summary>
public sealed class BrokenFormTests
{
    public static TheoryData<string, string> Broken()
    {
        var all = new TheoryData<string, string>();
        foreach ((string type, string body) in ((string, string)[])
        [
            ("", "List-Unsubscribe=One-Click"),
            ("application/json", "{\"List-Unsubscribe\":\"One-Click\"}"),
            ("text/plain", "List-Unsubscribe=One-Click"),
            ("multipart/form-data", "--b\r\n"),
            ("multipart/form-data; boundary=b", ""),
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click"),
            ("multipart/form-data; boundary=b", "--b\r\nno header at all\r\n--b--\r\n"),
            ("multipart/form-data; boundary=" + new string('b', 300), "--b\r\n"),
            ("application/x-www-form-urlencoded", "List-Unsubscribe=one-click"),
            ("application/x-www-form-urlencoded", "%%%=%zz&&&===&List-Unsubscribe"),
            ("application/x-www-form-urlencoded", "x=" + new string('a', 20_000) + "&List-Unsubscribe=One-Click"),
            ("application/x-www-form-urlencoded", string.Concat(Enumerable.Range(0, 2_000).Select(i => $"{i}&"))),
            ("application/x-www-form-urlencoded; charset=nothing", "List-Unsubscribe=Never"),
        ])
            all.Add(type, body);
        return all;
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_post_that_is_no_form_or_a_broken_one_is_refused_at_every_link(string type, string body)
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        using var http = new HttpClient { BaseAddress = app.Address };
        string token = new('0', 40);
        foreach (string path in (string[])[$"/stop-reports/{token}", $"/leave-group/{token}", $"/api/digest/leave/{token}", $"/cfbl/refuse/{token}"])
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (type.Length > 0)
                content.Headers.TryAddWithoutValidation("Content-Type", type);
            HttpResponseMessage answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
            string said = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode is HttpStatusCode.BadRequest, $"{path}: {(int)answer.StatusCode} {said}");
            Assert.Contains("List-Unsubscribe=One-Click", said, StringComparison.Ordinal);
        }
    }
}
