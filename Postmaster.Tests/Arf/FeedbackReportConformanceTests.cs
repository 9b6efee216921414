using System.Net;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Arf;

/// <summary>Real reports of Yahoo, AOL-like, Amazon SES and Return Path feedback loops.</summary>
public sealed class FeedbackReportConformanceTests
{
    private static FeedbackReport Read(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Conformance.Directory("arf"), name));
        Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(bytes), out var report, out _));
        return report;
    }

    [ConformanceFact("arf")]
    public void Every_file_is_read_as_it_is_and_with_the_other_line_end_and_cut_anywhere()
    {
        foreach (var file in Directory.GetFiles(Conformance.Directory("arf"), "*.eml"))
        {
            var text = Encoding.Latin1.GetString(File.ReadAllBytes(file)).Replace("\r\n", "\n", StringComparison.Ordinal);
            foreach (var bytes in new[] { Encoding.Latin1.GetBytes(text), Encoding.Latin1.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal)) })
            {
                Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(bytes), out var whole, out _));
                Assert.Equal("abuse", whole.FeedbackType);
                Assert.NotNull(whole.Original);
                Assert.NotNull(whole.MessageId ?? whole.Subject);
                for (var cut = 0; cut < bytes.Length; cut++)
                    FeedbackReportReader.TryRead(MessageReader.Read(bytes.AsMemory(0, cut)), out _, out _);
            }
        }
    }

    [ConformanceFact("arf")]
    public void Historic_received_date_comes_with_a_comment_and_redaction_fields_are_extensions()
    {
        var report = Read("sisimai-arf-01.eml");

        Assert.Equal("SMP-FBL", report.UserAgent);
        Assert.Equal("1.0", report.Version);
        Assert.Equal(new DateTimeOffset(2009, 4, 29, 0, 0, 0, TimeSpan.Zero), report.ArrivalDate);
        Assert.Equal(IPAddress.Parse("192.0.2.89"), report.SourceIp);
        Assert.Equal("example.ed.jp", Assert.Single(report.ReportedDomain));
        Assert.Equal(2, report.Extensions.Count);
        Assert.Equal(new FeedbackReportExtension("Redacted-Address", "redacted@"), report.Extensions[1]);
        Assert.Equal("Kijitora cat family", report.Subject);
        Assert.Null(report.MessageId);
        Assert.False(report.OriginalIsHeadersOnly);
        Assert.Empty(report.Problems);
    }

    [ConformanceFact("arf")]
    public void Yahoo_names_the_recipient_and_an_american_zone()
    {
        var report = Read("sisimai-arf-02.eml");

        Assert.Equal("Yahoo!-Mail-Feedback/1.0", report.UserAgent);
        Assert.Equal("0.1", report.Version);
        Assert.Equal("shironeko@example.com", report.OriginalMailFrom);
        Assert.Equal("this-local-part-does-not-exist-on-yahoo@yahoo.com", Assert.Single(report.OriginalRcptTo));
        Assert.Equal(new DateTimeOffset(2013, 4, 29, 23, 45, 50, TimeSpan.FromHours(-8)), report.ArrivalDate);
        Assert.Equal("<000000000000000000000000.smtp@example.com>", report.MessageId);
        Assert.Empty(report.AuthenticationResults);
        Assert.Null(report.Incidents);
    }

    [ConformanceFact("arf")]
    public void The_identifiers_are_those_of_the_original_not_of_the_report()
    {
        var report = Read("sisimai-arf-14.eml");

        Assert.Equal("<2222222222222222-00000000-eeee-eeee-ffff-222222222222-111111@email.amazonses.com>", report.MessageId);
        Assert.Equal("2", report.FeedbackId);
        Assert.StartsWith("mta2222.mail.bf2.yahoo.com", Assert.Single(report.AuthenticationResults), StringComparison.Ordinal);
    }

    [ConformanceFact("arf")]
    public void Fields_come_in_any_order_and_extensions_are_kept()
    {
        var report = Read("sisimai-arf-15.eml");

        Assert.Equal("ReturnPathFBL/1.0", report.UserAgent);
        Assert.Equal("kijitora@example.net", report.OriginalMailFrom);
        Assert.Equal(new FeedbackReportExtension("Abuse-Type", "complaint"), Assert.Single(report.Extensions));
        Assert.Equal("<ffffffffffffffffffffffff00000000@example.net>", report.MessageId);
    }

    [ConformanceFact("arf")]
    public void Repeated_recipients_and_domains_are_lists()
    {
        var report = Read("sisimai-arf-16.eml");

        Assert.Equal(7, report.OriginalRcptTo.Count);
        Assert.Equal("kijitora@example.com sironeko@example.com", string.Join(' ', report.OriginalRcptTo.Take(2)));
        Assert.Equal("example.com example.org", string.Join(' ', report.ReportedDomain));
        Assert.Equal("neko@example.jp", report.OriginalMailFrom);
        Assert.Equal("<ffffffffffffffffffffffff0000000@example.jp>", report.MessageId);
    }
}
