using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using AngleSharp.Dom;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Intake;

namespace Postmaster.Tests.Samples;

/// <summary>What a visitor does with the sample pages: pastes, uploads, sends to a one-time address, waits for the result.</summary>
internal static class PagesKit
{
    public const string Owner = "owner@news.example";

    public static byte[] Mail(PostmasterApp app, string name = "one", string fields = "") => new SigningSender(app.Zone, "news.example").Newsletter(name, fields: fields);

    public static string Text(byte[] mail) => Encoding.Latin1.GetString(mail);

    /// <summary>Pastes a mail; returns the page of its result.</summary>
    public static async Task<PortalPage> PasteAsync(this PortalVisitor visitor, string mail) =>
        await visitor.ResultAsync(await visitor.SubmitAsync(await visitor.GetAsync("/samples"), "form.mail-form", ("text", mail)));

    /// <summary>Uploads a mail as a browser does, with the token of the form.</summary>
    public static async Task<PortalPage> UploadAsync(this PortalVisitor visitor, byte[] mail, bool withToken = true)
    {
        PortalPage page = await visitor.GetAsync("/samples");
        using var form = new MultipartFormDataContent();
        if (withToken)
            form.Add(new StringContent(page.Form("form.mail-form").QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!), "__RequestVerificationToken");
        using var file = new ByteArrayContent(mail);
        file.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        form.Add(file, "file", "mail.eml");
        form.Add(new StringContent(""), "text");
        return await visitor.ResultAsync(await visitor.FollowAsync(await visitor.Http.PostAsync(new Uri("/samples/check", UriKind.Relative), form)));
    }

    /// <summary>Asks for a one-time address; returns its page and the address.</summary>
    public static async Task<(PortalPage Page, string Address)> AddressAsync(this PortalVisitor visitor)
    {
        PortalPage list = await visitor.GetAsync("/samples");
        AngleSharp.Html.Dom.IHtmlFormElement form = list.Form("form.send-form");
        using var content = new FormUrlEncodedContent(
        [
            new("way", "address"), new("__RequestVerificationToken", form.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!),
        ]);
        PortalPage page = await visitor.FollowAsync(await visitor.Http.PostAsync(new Uri("/samples/check", UriKind.Relative), content));
        return (page, page.Document.QuerySelector(".copy-value")?.TextContent ?? "");
    }

    /// <summary>Looks again until there is a result.</summary>
    public static async Task<PortalPage> ResultAsync(this PortalVisitor visitor, PortalPage page)
    {
        await PressKit.EventuallyAsync(async () =>
        {
            if (page.Document.QuerySelector("[data-sample-state]") is null)
                return true;
            page = await visitor.GetAsync(page.Address.PathAndQuery);
            return false;
        }, () => $"no result came: {page.Text}");
        return page;
    }

    /// <summary>Delivers through the LMTP door; returns the answer to RCPT TO when it was refused, else that to the final dot.</summary>
    public static async Task<string> DeliverAsync(PostmasterApp app, string recipient, byte[] mail, string sender = "bounce@news.example")
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync((IPEndPoint)app.Services.GetRequiredService<LmtpListener>().EndPoint!);
        await using NetworkStream stream = tcp.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await HearAsync();
        await SayAsync("LHLO mx.provider.example");
        await SayAsync($"MAIL FROM:<{sender}>");
        string answer = await SayAsync($"RCPT TO:<{recipient}>");
        if (!answer.StartsWith("250", StringComparison.Ordinal))
            return answer;
        await SayAsync("DATA");
        return await SayAsync(Text(mail).Replace("\r\n.", "\r\n..", StringComparison.Ordinal) + (mail is [.., (byte)'\r', (byte)'\n'] ? "." : "\r\n."));

        async Task<string> SayAsync(string line)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));
            return await HearAsync();
        }

        async Task<string> HearAsync()
        {
            string? line;
            do
                line = await reader.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(90));
            while (line is { Length: > 3 } && line[3] == '-');
            return line ?? "closed";
        }
    }
}
