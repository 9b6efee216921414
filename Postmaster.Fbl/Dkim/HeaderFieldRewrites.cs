using System.Text;
using System.Text.RegularExpressions;

namespace Postmaster.Fbl.Dkim;

/// <summary>Undoes, field by field, what hops do to fields that were signed.</summary>
internal static partial class HeaderFieldRewrites
{
    /// <summary>Most characters before a subject that a list or a filter put there.</summary>
    private const int MaxSubjectPrefix = 100;

    /// <summary>Attack: fields on which the patterns below take long.</summary>
    private const int MaxFieldLength = 2048;

    private static readonly string[] AddressFields = ["From", "Sender", "Reply-To", "To", "Cc"];

    private static readonly string[] TransferEncodings = ["7bit", "8bit", "quoted-printable", "base64"];

    public static SignatureDiagnosis Find(SignatureTrial trial)
    {
        var declared = trial.Signature.HeaderCanonicalization;
        if (trial.MatchesAs(declared == DkimCanonicalization.Simple ? DkimCanonicalization.Relaxed : DkimCanonicalization.Simple))
        {
            return Proven(HeaderChange.OtherCanonicalization, declared == DkimCanonicalization.Simple
                ? "The header matches as relaxed: the signer hashed it so although c= says simple."
                : "The signer says c= relaxed for the header but hashed it simple.");
        }
        for (var place = 0; place < trial.Picked.Length && !trial.IsExhausted; place++)
        {
            if ((trial.Picked[place] == FieldSelector.Nothing ? Missing(trial, place) : Present(trial, place)) is { } found)
                return found;
        }
        return Unexplained(trial);
    }

    private static SignatureDiagnosis? Present(SignatureTrial trial, int place)
    {
        var field = trial.Headers[trial.Picked[place]];
        if (trial.Matches(place, default))
            return Blame(field, HeaderChange.FieldAdded, $"The field {field.Name} was added after signing.");
        for (var i = 0; i < trial.Headers.FieldCount; i++)
        {
            if (i != trial.Picked[place] && trial.Headers[i].Is(field.Name) && trial.Matches(place, trial.Headers[i].Raw.Span))
                return Blame(field, HeaderChange.FieldMoved, $"Another {field.Name} field was signed: one was added below it, or their order was changed.");
        }
        if (field.Raw.Length > MaxFieldLength)
            return null;
        foreach (var (change, value) in Earlier(field))
        {
            if (trial.Matches(place, Encode(field.Name + ":" + value + "\r\n")))
                return Blame(field, change, Words(change, field.Name));
        }
        return null;
    }

    /// <summary>A name in h= without a field: either there never was one, or it is gone.</summary>
    private static SignatureDiagnosis? Missing(SignatureTrial trial, int place)
    {
        var name = trial.Signature.SignedFields[place];
        foreach (var value in LostValues(trial, name))
        {
            if (trial.Matches(place, Encode($"{name}: {value}\r\n")))
                return new SignatureDiagnosis { Change = HeaderChange.FieldRemoved, Proven = true, Field = name, Text = $"The field {name} was removed after signing." };
        }
        return null;
    }

    private static IEnumerable<string> LostValues(SignatureTrial trial, string name) => name.ToUpperInvariant() switch
    {
        "MIME-VERSION" => ["1.0"],
        "CONTENT-TRANSFER-ENCODING" => TransferEncodings,
        "CONTENT-TYPE" => ["text/plain", "text/plain; charset=us-ascii", "text/plain; charset=utf-8"],
        "SENDER" or "REPLY-TO" => trial.Headers.All("From").Select(from => from.Unfolded),
        "LIST-UNSUBSCRIBE-POST" => ["List-Unsubscribe=One-Click"],
        "BCC" or "CC" or "SUBJECT" => [""],
        _ => [],
    };

    /// <summary>What the value may have been, from after the colon.</summary>
    private static IEnumerable<(HeaderChange Change, string Value)> Earlier(Mime.HeaderField field)
    {
        var raw = Encoding.Latin1.GetString(field.RawValue.Span);
        var unfolded = raw.Replace("\r\n", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        var trimmed = unfolded.Trim(' ', '\t');
        var squeezed = Spaces().Replace(trimmed, " ");
        foreach (var value in (string[])[unfolded, " " + trimmed, trimmed, " " + squeezed, " " + trimmed.Replace('\t', ' '), "\r\n " + trimmed, "\t" + trimmed])
            yield return (HeaderChange.WhiteSpace, value);
        foreach (var value in (string[])[Commas().Replace(squeezed, ","), Commas().Replace(squeezed, ", "), Semicolons().Replace(squeezed, ";"), Semicolons().Replace(squeezed, "; ")])
            yield return (HeaderChange.WhiteSpace, " " + value);

        if (field.Is("Subject"))
        {
            foreach (var value in WithoutPrefix(squeezed))
                yield return (HeaderChange.SubjectPrefix, " " + value);
        }
        if (field.Is("Content-Transfer-Encoding"))
        {
            foreach (var value in TransferEncodings)
                yield return (HeaderChange.Rewritten, " " + value);
        }
        if (Array.Exists(AddressFields, name => field.Is(name)))
        {
            yield return (HeaderChange.Rewritten, " " + QuotedName().Replace(squeezed, "${name}"));
            yield return (HeaderChange.Rewritten, " " + BareName().Replace(squeezed, "\"${name}\""));
            yield return (HeaderChange.Rewritten, " " + squeezed.Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal));
            yield return (HeaderChange.Rewritten, " <" + squeezed + ">");
        }
        yield return (HeaderChange.Rewritten, " " + squeezed.Replace("\"", "", StringComparison.Ordinal));
        yield return (HeaderChange.Rewritten, " " + BareParameter().Replace(squeezed, "=\"${value}\""));
        yield return (HeaderChange.Rewritten, " " + LastComment().Replace(squeezed, ""));
        yield return (HeaderChange.Rewritten, " " + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(field.Decoded)));
    }

    /// <summary>Every shorter subject that begins after a space or a bracket near the start.</summary>
    private static IEnumerable<string> WithoutPrefix(string subject)
    {
        for (var i = 1; i < Math.Min(subject.Length, MaxSubjectPrefix); i++)
        {
            if (subject[i - 1] is ' ' or ']' or ')' or ':' or '*')
                yield return subject[i..].TrimStart(' ');
        }
        // "Re: [list] words": the prefix stands after the answer's mark.
        var bracket = subject.IndexOf('[', StringComparison.Ordinal);
        var close = subject.IndexOf(']', StringComparison.Ordinal);
        if (bracket > 0 && close > bracket)
            yield return subject[..bracket] + subject[(close + 1)..].TrimStart(' ');
    }

    private static string Words(HeaderChange change, string name) => change switch
    {
        HeaderChange.WhiteSpace => $"White space or folding of the field {name} was changed; header canonicalization relaxed forgives most of that.",
        HeaderChange.SubjectPrefix => "Words were put before the subject, as mailing lists and filters do.",
        _ => $"The value of the field {name} was rewritten.",
    };

    private static SignatureDiagnosis Unexplained(SignatureTrial trial)
    {
        // A name listed just as often as nothing is there is oversigning when the field is absent in most mail; these are in every mail.
        var lost = trial.Signature.SignedFields.FirstOrDefault(name => trial.Count(name) == 0
            && name.ToUpperInvariant() is "DATE" or "MESSAGE-ID" or "TO" or "SUBJECT");
        return new SignatureDiagnosis
        {
            Change = lost is null ? HeaderChange.Unknown : HeaderChange.FieldRemoved,
            Proven = false,
            Field = lost,
            Text = lost is null
                ? "The signature is over another header: a signed field was changed in a way that none of the usual changes explains, or several were."
                : $"The field {lost} is signed but missing: it was probably removed or replaced on the way.",
        };
    }

    private static SignatureDiagnosis Blame(Mime.HeaderField field, HeaderChange change, string text) =>
        Proven(change, text) with { Field = field.Name, Offset = field.Offset, Length = field.Raw.Length };

    private static SignatureDiagnosis Proven(HeaderChange change, string text) => new() { Change = change, Proven = true, Text = text };

    private static byte[] Encode(string text) => Encoding.Latin1.GetBytes(text);

    [GeneratedRegex("[ \t]+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();

    [GeneratedRegex(" ?, ?", RegexOptions.None, 1000)]
    private static partial Regex Commas();

    [GeneratedRegex(" ?; ?", RegexOptions.None, 1000)]
    private static partial Regex Semicolons();

    [GeneratedRegex("\"(?<name>[^\"]*)\"(?= <)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QuotedName();

    [GeneratedRegex("(?<name>[^\",<> ][^\",<>]*)(?= <)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BareName();

    [GeneratedRegex("=(?<value>[^\"; ]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BareParameter();

    [GeneratedRegex(@" ?\([^()]*\)$", RegexOptions.None, 1000)]
    private static partial Regex LastComment();
}
