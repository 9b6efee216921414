using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Complaints;

namespace Postmaster.Tests.Complaints;

/// <summary>Which return-paths of a message are believed that the complainer attached.</summary>
public sealed class OwnBounceAddressTests
{
    private static readonly MailAddress Alice = MailAddress.Parse("alice@provider.example");

    [Theory]
    [InlineData("bounces@news.example")] // names nobody
    [InlineData("b-7f3a99@news.example")] // an opaque token: nobody can make up another one's
    [InlineData("bounce-alice=provider.example@news.example")] // names the complainer
    [InlineData("prvs=4512ab=bounces@news.example")] // BATV
    [InlineData("")] // the null reverse-path
    public void A_bounce_address_that_names_nobody_else_is_kept(string path) =>
        Assert.Equal(path, ComplaintReader.OwnBounceAddress(path, Alice));

    [Theory]
    [InlineData("bounce-bob=provider.example@news.example")]
    [InlineData("bounce-bob-at-provider.example@news.example")]
    [InlineData("prvs=4512ab=bounce-bob-at-provider.example@news.example")]
    [InlineData("not an address")]
    [InlineData(null)]
    public void One_that_names_somebody_else_is_dropped(string? path) =>
        Assert.Null(ComplaintReader.OwnBounceAddress(path, Alice));
}
