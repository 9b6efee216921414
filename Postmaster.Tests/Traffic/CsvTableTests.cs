using System.Text;
using Postmaster.Web.Features.Traffic.Export;

namespace Postmaster.Tests.Traffic;

/// <summary>Files that a spreadsheet opens, with names in them that strangers chose.</summary>
public sealed class CsvTableTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1:2", "'+1:2")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("@sum(a)", "'@sum(a)")]
    [InlineData("\uFF1D1+1", "'\uFF1D1+1")]
    [InlineData("=a,\"b\"", "\"'=a,\"\"b\"\"\"")]
    [InlineData("-0.45", "-0.45")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("a;=1+1", "a;'=1+1")] // the separator where decimals have a comma
    [InlineData("a\t@sum(a)", "a\t'@sum(a)")]
    [InlineData("a;\"=1+1\"", "\"a;\"\"'=1+1\"\"\"")]
    [InlineData("a\n=1+1", "\"a\n'=1+1\"")]
    [InlineData("a=1; b -1", "a=1; b -1")]
    public async Task What_begins_like_a_formula_is_text_and_numbers_stay_numbers(string cell, string written)
    {
        var output = new MemoryStream();
        await new CsvTable("x", ["value"], [[cell]]).WriteAsync(output);
        Assert.Equal($"value\r\n{written}\r\n", Encoding.UTF8.GetString(output.ToArray()).TrimStart('\uFEFF'));
    }
}
