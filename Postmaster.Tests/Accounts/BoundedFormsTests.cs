using System.Net;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;

namespace Postmaster.Tests.Accounts;

/// <summary>Forms are small: nobody fills the server's memory or disk through one.</summary>
public sealed class BoundedFormsTests : IAsyncLifetime
{
    private PostmasterApp _app = default!;

    public async Task InitializeAsync() => _app = await PostmasterApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Theory]
    [InlineData("/theme", false)]
    [InlineData("/theme", true)]
    [InlineData("/sign-in", false)]
    [InlineData("/sign-up", true)]
    [InlineData("/sign-out", false)]
    public async Task A_form_of_a_megabyte_is_refused(string path, bool asFile)
    {
        using PortalVisitor visitor = _app.NewVisitor();
        byte[] octets = new byte[1024 * 1024];
        Array.Fill(octets, (byte)'x');
        using HttpContent content = asFile
            ? new MultipartFormDataContent { { new ByteArrayContent(octets), "file", "file" } }
            : new ByteArrayContent(octets) { Headers = { ContentType = new("application/x-www-form-urlencoded") } };

        using HttpResponseMessage answer = await visitor.Http.PostAsync(new Uri(path, UriKind.Relative), content);

        Assert.True(answer.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest, answer.StatusCode.ToString());
    }

    [Fact]
    public void What_holds_mail_is_readable_by_the_service_alone_in_a_folder_that_others_may_enter()
    {
        if (OperatingSystem.IsWindows() || TestDatabase.KindOfRun is not DatabaseKind.Sqlite)
            return;
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        foreach (string file in Directory.EnumerateFiles(_app.DataPath, "postmaster.db*"))
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & others);
    }
}
