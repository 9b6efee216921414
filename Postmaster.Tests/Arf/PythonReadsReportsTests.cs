using System.Diagnostics;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Arf;

/// <summary>Another implementation, Python's <c>email</c> package, reads back what we write.</summary>
public sealed class PythonReadsReportsTests
{
    private const string Script = """
        import base64, email, email.policy, sys
        for line in sys.stdin.buffer:
            raw = base64.b64decode(line)
            for policy in (email.policy.default, email.policy.compat32):
                message = email.message_from_bytes(raw, policy=policy)
                assert not message.defects, message.defects
                assert message.get_content_type() == 'multipart/report', message.get_content_type()
                assert message.get_param('report-type') == 'feedback-report'
                parts = message.get_payload()
                types = [part.get_content_type() for part in parts]
                assert types[:2] == ['text/plain', 'message/feedback-report'] and len(types) == 3, types
                assert types[2] in ('message/rfc822', 'text/rfc822-headers'), types
                assert not parts[0].defects and not parts[1].defects, (parts[0].defects, parts[1].defects)
                fields = parts[1].get_payload()[0] if parts[1].is_multipart() else email.message_from_string(parts[1].get_payload())
                assert fields['Feedback-Type'] == 'abuse' and fields['Version'] == '1', fields.items()
                assert fields['Reported-Domain'] == 'owner.example', fields.items()
                str(message['Subject']), str(message['From'])
                assert b'says that this message' in parts[0].get_payload(decode=True)
                if types[2] == 'text/rfc822-headers':
                    parts[2].get_payload(decode=True)
                else:
                    assert len(parts[2].get_payload()) == 1
            print('ok', flush=True)
        """;

    [NeedsFact("python3")]
    public async Task Every_report_however_hostile_its_original_has_its_three_parts()
    {
        var originals = Hostile().ToList();
        var reports = new List<byte[]>();
        foreach (var original in originals)
        {
            reports.Add(FeedbackReportWriter.Write(FeedbackReportWriterTests.Draft(original)));
            reports.Add(FeedbackReportWriter.Write(FeedbackReportWriterTests.Draft(original, OriginalShape.HeadersOnly)));
        }
        foreach (var report in reports)
            FeedbackReportWriterTests.AssertMailable(report);

        var start = new ProcessStartInfo(RequiredPrograms.Find("python3") ?? "python3") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        using var python = Process.Start(start)!;
        var output = python.StandardOutput.ReadToEndAsync();
        var errors = python.StandardError.ReadToEndAsync();
        try
        {
            foreach (var report in reports)
                await python.StandardInput.WriteLineAsync(Convert.ToBase64String(report));
            python.StandardInput.Close();
        }
        catch (IOException)
        {
            // The script has stopped at a report; what it said follows.
        }
        await python.WaitForExitAsync();

        Assert.Equal("", await errors);
        Assert.Equal(reports.Count, (await output).Split("ok\n").Length - 1);
    }

    private static IEnumerable<byte[]> Hostile()
    {
        yield return Encoding.ASCII.GetBytes(FeedbackReportWriterTests.Original);
        yield return [];
        yield return "\r\n"u8.ToArray();
        yield return "no header at all\r\n"u8.ToArray();
        yield return "From x Sat Nov 21 10:00:00 2026\nSubject: mbox\n\nbody\n"u8.ToArray();
        yield return "Subject:\r\n\r\n"u8.ToArray();
        yield return "Subject: =?utf-8?B?broken?= =?x?\r\n\r\n"u8.ToArray();
        yield return "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\nnever closed"u8.ToArray();
        yield return "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n"u8.ToArray();
        yield return Encoding.ASCII.GetBytes("Subject: " + new string('s', 20_000) + "\r\n\r\n" + new string('b', 20_000));
        yield return Encoding.ASCII.GetBytes("Subject: " + string.Join(' ', Enumerable.Repeat("word", 5_000)) + "\r\n\r\nbody");
        yield return FeedbackReportWriter.Write(FeedbackReportWriterTests.Draft(Encoding.ASCII.GetBytes(FeedbackReportWriterTests.Original)));

        var random = new Random(5965);
        string[] pieces =
        [
            "\r\n", "\n", "\r", "\0", " ", "\t", ":", "--", "--b", "--b--", "\r\n--b\r\n", "\r\n--b--\r\n", "Subject: a", "From: ", "Content-Type: multipart/mixed; boundary=b",
            "Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"", "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "\u00E9", "\uD83D\uDE00",
            "=?utf-8?Q?=C3=A9?=", "=?utf-8?B?", "\"", "<a@b>", "From x", ".", "\r\n.\r\n", "\r\n\r\n", new string('y', 1200), "\x1b[31m", "\x7f", "\x85", "(", "\\",
        ];
        for (var i = 0; i < 400; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => pieces[random.Next(pieces.Length)]));
            yield return i % 2 == 0 ? Encoding.UTF8.GetBytes(text) : Encoding.Latin1.GetBytes(text);
        }
    }
}
