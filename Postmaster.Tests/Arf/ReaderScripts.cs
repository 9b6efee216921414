namespace Postmaster.Tests.Arf;

/// <summary>The other readers: each script reads the mails that it is called with and prints a line of JSON for each.</summary>
internal static class ReaderScripts
{
    /// <summary>Python's <c>email</c>. An instant is in seconds since 1970.</summary>
    public const string Python = """
        import datetime, email, email.policy, email.utils, json, os, sys
        unfolded = lambda value: value.replace('\r', '').replace('\n', '').strip()
        def instant(text):
            if text is None:
                return None
            when = email.utils.parsedate_to_datetime(text)
            return int((when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)).timestamp())
        for path in sys.argv[1:]:
            message = email.message_from_bytes(open(path, 'rb').read(), policy=email.policy.compat32)
            parts = message.get_payload() if message.is_multipart() else []
            problems = [repr(d) for part in message.walk() for d in part.defects]
            report = next((part for part in parts if part.get_content_type() == 'message/feedback-report'), None)
            inner = report.get_payload() if report is not None else ''
            if isinstance(inner, list):
                fields = inner[0]
            else:
                fields = email.message_from_string(inner)
            last = parts[2] if len(parts) > 2 else None
            if last is None:
                identifier = None
            elif last.get_content_type() == 'message/rfc822':
                identifier = last.get_payload()[0]['Message-ID']
            else:
                identifier = email.message_from_bytes(last.get_payload(decode=True).lstrip())['Message-ID']
            print(json.dumps({
                'file': os.path.basename(path), 'reportType': message.get_param('report-type'), 'types': [part.get_content_type() for part in parts],
                'fields': [[name, unfolded(str(value))] for name, value in fields.items()], 'messageId': identifier,
                'arrived': instant(fields['Arrival-Date'] or fields['Received-Date']), 'problems': problems}))
        """;

    /// <summary>npm's mailparser, which gives the second and the third part as attachments.</summary>
    public const string Mailparser = """
        const { simpleParser } = require('mailparser'), fs = require('fs'), path = require('path');
        const unfolded = line => line.replace(/\r?\n/g, '').replace(/^[^:]*:/, '').trim();
        const lines = mail => mail.headerLines.map(h => [h.line.slice(0, h.line.indexOf(':')), unfolded(h.line)]);
        (async () => {
          for (const file of process.argv.slice(2)) {
            const mail = await simpleParser(fs.readFileSync(file), { skipHtmlToText: true });
            const [report, original] = mail.attachments;
            const type = mail.headers.get('content-type');
            console.log(JSON.stringify({
              file: path.basename(file), reportType: type.params['report-type'],
              types: [...(mail.text ? ['text/plain'] : []), ...mail.attachments.map(a => a.contentType)],
              fields: report ? lines(await simpleParser(report.content)) : [],
              messageId: original ? (await simpleParser(original.content)).messageId : null,
              problems: type.value === 'multipart/report' ? [] : [type.value] }));
          }
        })();
        """;

    /// <summary>Sisimai, which reads what it needs to keep a list of addresses that complained or bounced.</summary>
    public const string Sisimai = """
        use strict; use warnings; use Sisimai; use JSON::PP; use File::Basename;
        for my $file (@ARGV) {
            my $found = Sisimai->make($file, delivered => 1) // [];
            my $one = $found->[0];
            print JSON::PP->new->canonical->encode({ file => basename($file), $one ? (
                reason => $one->reason, feedbackType => $one->feedbacktype, recipient => $one->recipient->address, addresser => $one->addresser->address,
                rHost => $one->rhost, messageId => $one->messageid, timestamp => $one->timestamp->epoch + 0) : () }), "\n";
        }
        """;
}
