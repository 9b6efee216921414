using System.Security.Cryptography;

namespace Postmaster.Tests.Support;

/// <summary>The ways in which mails of the <see cref="MailCorpus"/> are broken on purpose, and the signatures that no good signer makes.</summary>
internal static class MailOddities
{
    private const StringComparison Exactly = StringComparison.Ordinal;

    private const string Start = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; ";

    private const string End = " h=from:date; bh={bh}; b={b}";

    /// <summary>What is done to a mail after it was signed.</summary>
    public static readonly IReadOnlyList<(string Kind, Func<string, string> Break)> Breakages =
    [
        ("a footer was added", mail => mail + "\r\n-- \r\nsent through a list\r\n"),
        ("the body was cut", mail => mail[..((mail.Length + BodyAt(mail)) / 2)]),
        ("a letter of the body was changed", mail => mail[..(BodyAt(mail) + 5)] + "#" + mail[(BodyAt(mail) + 6)..]),
        ("the body is gone", mail => mail[..BodyAt(mail)]),
        ("Date was changed", mail => mail.Replace("\r\nDate: Mon, 2 Mar", "\r\nDate: Tue, 3 Mar", Exactly).Replace("letter@example.org>", "letters@example.org>", Exactly)),
        ("a second From field on top", mail => "From: somebody@example.net\r\n" + mail),
        ("From was changed", mail => mail.Replace("letter@example.org>", "other@example.net>", Exactly)),
        ("b= was changed", mail => ChangeAfter(mail, "\r\n\tb=")),
        ("bh= was changed", mail => ChangeAfter(mail, "bh=")),
        ("the selector has no key", mail => mail.Replace(" s=rsa", " s=none", Exactly).Replace(" s=ed", " s=none", Exactly)),
        ("another domain", mail => mail.Replace("\td=example.org;", "\td=example.net;", Exactly)),
        ("a= is unknown", mail => mail.Replace("a=rsa-sha256", "a=rsa-md5", Exactly).Replace("a=ed25519-sha256", "a=ed448-sha256", Exactly)),
        ("c= is unknown", mail => mail.Replace(" c=relaxed/", " c=nofws/", Exactly).Replace(" c=simple/", " c=nofws/", Exactly)),
        ("the key is of the other type", mail => mail.Replace(" s=rsa", " s=swap", Exactly).Replace(" s=ed", " s=rsa", Exactly).Replace(" s=swap", " s=ed", Exactly)),
        ("bh= is missing", mail => mail.Replace("\tbh=", "\txx=", Exactly)),
        ("a tag twice", mail => mail.Replace("\td=example.org;", "\td=example.org; d=example.org;", Exactly)),
    ];

    /// <summary>
    /// What happens to line ends where a signed mail is kept: SMTP had CR LF everywhere (RFC 5321 §2.3.8), and what was signed is that.
    /// </summary>
    public static readonly IReadOnlyList<(string Kind, Func<string, string> Keep)> Keepings =
    [
        ("kept with LF alone", mail => mail.Replace("\r\n", "\n", Exactly)),
        ("the header kept with LF alone", mail => mail[..BodyAt(mail)].Replace("\r\n", "\n", Exactly) + mail[BodyAt(mail)..]),
        ("the body kept with LF alone", mail => mail[..BodyAt(mail)] + mail[BodyAt(mail)..].Replace("\r\n", "\n", Exactly)),
        ("one line of the body kept with LF alone", mail => mail[..BodyAt(mail)] + ReplaceFirst(mail[BodyAt(mail)..], "\r\n", "\n")),
    ];

    /// <summary>Made by hand under simple/simple.</summary>
    public static readonly IReadOnlyList<SignatureOddity> Signatures =
    [
        new("nothing but what must be there", Start + "s=bare;" + End),
        new("the key as PKCS #1", Start + "s=pkcs1;" + End),
        new("a key record with notes, unknown tags and white space", Start + "s=notes;" + End),
        new("a key in test", Start + "s=testing;" + End),
        new("white space wherever it may be", "DKIM-Signature:  v = 1 ; a=rsa-sha256;\r\n\td = example.org\t;\r\n s= rsa;h=from :\r\n\t date ;bh=\r\n {bh} ;\tb=\r\n\t{b}\r\n "),
        new("tags in another order, b= first", "DKIM-Signature: b={b}; bh={bh}; h=date:From; s=rsa; d=example.org; a=rsa-sha256; v=1") { Signed = ["date", "from"] },
        new("unknown tags", Start + "s=rsa; note=hello world; _x=1; z=From:a|Date:b;" + End),
        new("a semicolon at the end", Start + "s=rsa;" + End + ";"),
        new("a method of asking that is unknown beside the known one", Start + "s=rsa; q=http/x:dns/txt;" + End),
        new("only an unknown method of asking", Start + "s=rsa; q=http/x;" + End),
        new("q=dns/txt", Start + "s=rsa; q=dns/txt;" + End),
        new("c= with one half", Start + "s=rsa; c=simple;" + End),
        new("a= in upper case", "DKIM-Signature: v=1; a=RSA-SHA256; d=example.org; s=rsa;" + End),
        new("d= in upper case", "DKIM-Signature: v=1; a=rsa-sha256; d=Example.ORG; s=rsa;" + End),
        new("v=2", "DKIM-Signature: v=2; a=rsa-sha256; d=example.org; s=rsa;" + End),
        new("no v=", "DKIM-Signature: a=rsa-sha256; d=example.org; s=rsa;" + End),
        new("rsa-sha1", "DKIM-Signature: v=1; a=rsa-sha1; d=example.org; s=rsa;" + End) { Hash = HashAlgorithmName.SHA1 },
        new("From is not signed", Start + "s=rsa; h=date:to; bh={bh}; b={b}") { Signed = ["date", "to"] },
        new("expired a year ago", Start + "s=rsa; t=1740000000; x=1740909600;" + End),
        new("expired an hour ago", Start + "s=rsa; t=1772000000; x=1772442000;" + End),
        new("expires before it was signed", Start + "s=rsa; t=1772445000; x=1772444999;" + End),
        new("signed tomorrow", Start + "s=rsa; t=1772532000;" + End),
        new("t= is no number", Start + "s=rsa; t=now;" + End),
        new("i= of another domain", Start + "s=rsa; i=@example.net;" + End),
        new("i= of a domain that ends alike", Start + "s=rsa; i=@bad-example.org;" + End),
        new("i= without an at sign", Start + "s=rsa; i=news.example.org;" + End),
        new("i= of a subdomain, which the key forbids", Start + "s=strict; i=@news.example.org;" + End),
        new("a key for sha1 only", Start + "s=sha1;" + End),
        new("a key for another service", Start + "s=other;" + End),
        new("a key for several services", Start + "s=services;" + End),
        new("a key whose v= is not first", Start + "s=late;" + End),
        new("a revoked key", Start + "s=revoked;" + End),
        new("a key of another version", Start + "s=version;" + End),
        new("a key of unknown type", Start + "s=type;" + End),
        new("a key that is none", Start + "s=garbage;" + End),
        new("l= beyond the body", Start + "s=rsa; l=99999999;" + End),
        new("l= is no number", Start + "s=rsa; l=-1;" + End),
        new("a tag that differs only in case", "DKIM-Signature: V=1; v=1; a=rsa-sha256; d=example.org; s=rsa;" + End),
        new("a tag without a name", Start + "s=rsa; =x;" + End),
        new("b= of other characters", Start + "s=rsa;" + End) { Afterwards = mail => ReplaceFirst(mail, "; b=", "; b=!") },
        new("white space before the colon of Date", Start + "s=rsa;" + End) { Prepare = mail => ReplaceFirst(mail, "\r\nDate:", "\r\nDate :") },
    ];

    private static int BodyAt(string mail) => mail.IndexOf("\r\n\r\n", Exactly) + 4;

    private static string ChangeAfter(string mail, string what)
    {
        for (var at = mail.IndexOf(what, Exactly); at >= 0 && at < BodyAt(mail); at = mail.IndexOf(what, at + 1, Exactly))
        {
            var changed = at + what.Length + 4;
            mail = mail[..changed] + (mail[changed] == 'A' ? 'B' : 'A') + mail[(changed + 1)..];
        }
        return mail;
    }

    private static string ReplaceFirst(string text, string what, string by)
        => text.IndexOf(what, Exactly) is var at and >= 0 ? text[..at] + by + text[(at + what.Length)..] : text;
}

/// <param name="Field">For <see cref="HandSignature"/>.</param>
internal sealed record SignatureOddity(string Kind, string Field)
{
    public IReadOnlyList<string> Signed { get; init; } = ["from", "date"];

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>What is done to the mail before it is signed.</summary>
    public Func<string, string> Prepare { get; init; } = mail => mail;

    /// <summary>What is done to the mail after it was signed.</summary>
    public Func<string, string> Afterwards { get; init; } = mail => mail;
}
