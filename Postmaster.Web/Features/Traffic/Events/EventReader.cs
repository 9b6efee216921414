using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>
/// Reads a line of the event schema, version 1 (Help/events.md), into an <see cref="EventLine"/>. Strict about what it knows, since a feeder that
/// writes a field wrongly has to be told; fields that it does not know are ignored. Throws nothing, keeps nothing, allocates only for lines that are
/// not JSON. One reader a thread.
/// </summary>
internal sealed class EventReader
{
    // One more than allowed: so the first token that is too deep is still read, and named.
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = EventLimits.Nesting + 1, CommentHandling = JsonCommentHandling.Disallow };
    private readonly (int Start, int Length)[] _unknown = new (int, int)[EventLimits.UnknownFields];
    private readonly EventLine _line = new();
    private int _unknownCount;
    private byte[] _octets = [];
    private int _start, _length;
    private long _earliest, _latest;

    /// <summary>What the last line said; only when it had no problem.</summary>
    public EventLine Line => _line;

    /// <summary>Sets the times between which events are believed, both included.</summary>
    public void Believe(DateTimeOffset earliest, DateTimeOffset latest) => (_earliest, _latest) = (earliest.UtcTicks, latest.UtcTicks);

    /// <param name="octets">Holds the line, which may lie anywhere in it; the texts of <see cref="Line"/> point into it.</param>
    public EventProblem Read(byte[] octets, int start, int length)
    {
        ReadOnlySpan<byte> text = octets.AsSpan(start, length);
        if (length > EventLimits.Line)
            return new EventProblem(EventProblemCode.LineTooLong);
        if (!Utf8.IsValid(text))
            return new EventProblem(EventProblemCode.NotUtf8);
        (_octets, _start, _length) = (octets, start, length);
        _unknownCount = 0;
        _line.Begin(octets);
        // What is plainly no object is refused without an exception, which would cost more than a hundred good lines.
        text = text.Trim(" \t\r"u8);
        if (text.Length < 2 || text[0] != '{' || text[^1] != '}')
            return new EventProblem(text.Length > 0 && text[0] == '{' ? EventProblemCode.NotJson : EventProblemCode.NotAnObject);
        try
        {
            var json = new Utf8JsonReader(octets.AsSpan(start, length), Strict);
            EventProblem problem = ReadObject(ref json);
            return problem.IsProblem ? problem : Check();
        }
        catch (JsonException)
        {
            return new EventProblem(EventProblemCode.NotJson);
        }
    }

    private EventProblem ReadObject(ref Utf8JsonReader json)
    {
        json.Read();
        uint named = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            EventField field = Name(ref json, out Slice unescaped, ofSignature: false);
            if (field == EventField.None)
            {
                EventProblem unknown = Ignore(ref json, unescaped);
                if (unknown.IsProblem)
                    return unknown;
                continue;
            }

            uint bit = 1u << (int)field;
            if ((named & bit) != 0)
                return new EventProblem(EventProblemCode.Repeated, field);
            named |= bit;
            json.Read();
            if (json.TokenType == JsonTokenType.Null)
                continue;
            EventProblem problem = field switch
            {
                EventField.Dkim => ReadSignatures(ref json),
                EventField.Tls => ReadTls(ref json),
                EventField.OneClick => ReadYesNo(ref json, out _line.OneClick),
                EventField.Size => ReadSize(ref json),
                _ => ReadText(ref json, field),
            };
            if (problem.IsProblem)
                return problem.Field == EventField.None ? problem with { Field = field } : problem;
            _line.Mark(field);
        }

        return json.Read() ? new EventProblem(EventProblemCode.NotJson) : default;
    }

    private EventProblem Check()
    {
        if (!_line.Has(EventField.Kind))
            return new EventProblem(EventProblemCode.Missing, EventField.Kind);
        if (!_line.Has(EventField.Time))
            return new EventProblem(EventProblemCode.Missing, EventField.Time);
        if (_line.Time < _earliest)
            return new EventProblem(EventProblemCode.TooOld, EventField.Time);
        return _line.Time > _latest ? new EventProblem(EventProblemCode.InTheFuture, EventField.Time) : default;
    }

    private EventProblem ReadText(ref Utf8JsonReader json, EventField field)
    {
        EventProblemCode code = Text(ref json, field, out Slice slice);
        if (code != EventProblemCode.None)
            return new EventProblem(code, field);
        ReadOnlySpan<byte> text = _line[slice];
        bool known = true;
        switch (field)
        {
            case EventField.Kind: known = EventWords.TryReadKind(text, out _line.Kind); break;
            case EventField.Folder: known = EventWords.TryReadFolder(text, out _line.Folder); break;
            case EventField.Reason: known = EventWords.TryReadReason(text, out _line.Reason); break;
            case EventField.Spf: known = EventWords.TryReadResult(text, out _line.Spf); break;
            case EventField.Dmarc: known = EventWords.TryReadResult(text, out _line.Dmarc); break;
            case EventField.Format: _line.FormatOk = text.SequenceEqual("ok"u8) ? Answer.Yes : Answer.No; known = !text.IsEmpty; break;
            case EventField.Reverse:
                _line.ReverseOk = text.SequenceEqual("pass"u8) ? Answer.Yes : Answer.No;
                known = _line.ReverseOk == Answer.Yes || text.SequenceEqual("fail"u8);
                break;
            case EventField.Time when !EventTime.TryParse(text, out _line.Time): return new EventProblem(EventProblemCode.NotATime, field);
            case EventField.Ip when !EventWords.IsIpAddress(text): return new EventProblem(EventProblemCode.NotAnAddress, field);
            case EventField.Ip: _line.Ip = slice; break;
            case EventField.Helo: _line.Helo = slice; break;
            case EventField.MailFrom: _line.MailFrom = slice; break;
            case EventField.Rcpt: _line.Rcpt = slice; break;
            case EventField.FromDomain: _line.FromDomain = slice; break;
            case EventField.ListId: _line.ListId = slice; break;
            case EventField.FeedbackId: _line.FeedbackId = slice; break;
            case EventField.Msgtype: _line.MessageType = slice; break;
            case EventField.MessageId: _line.MessageId = slice; break;
            case EventField.Mailbox: _line.Mailbox = slice; break;
        }

        return known ? default : new EventProblem(EventProblemCode.UnknownWord, field);
    }

    private EventProblem ReadSignatures(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            return new EventProblem(EventProblemCode.WrongType);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
                return new EventProblem(EventProblemCode.WrongType);
            EventProblem problem = ReadSignature(ref json);
            if (problem.IsProblem)
                return problem;
        }

        return default;
    }

    private EventProblem ReadSignature(ref Utf8JsonReader json)
    {
        var signature = new SignatureLine();
        uint named = 0, given = 0;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            EventField field = Name(ref json, out _, ofSignature: true);
            json.Read();
            if (field == EventField.None)
            {
                if (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                    return new EventProblem(EventProblemCode.TooDeep);
                continue;
            }

            uint bit = 1u << (int)field;
            if ((named & bit) != 0)
                return new EventProblem(EventProblemCode.Repeated, field);
            named |= bit;
            if (json.TokenType == JsonTokenType.Null)
                continue;
            EventProblemCode code = Text(ref json, field, out Slice slice);
            if (code != EventProblemCode.None)
                return new EventProblem(code, field);
            given |= bit;
            if (field == EventField.DkimDomain)
                signature.Domain = slice;
            else if (field == EventField.DkimSelector)
                signature.Selector = slice;
            else if (EventWords.TryReadResult(_line[slice], out AuthenticationWord result))
                signature.Result = result;
            else
                return new EventProblem(EventProblemCode.UnknownWord, field);
        }

        // Without a result it says nothing; without a domain it speaks of nobody.
        if ((given & (1u << (int)EventField.DkimResult)) == 0)
            return new EventProblem(EventProblemCode.Missing, EventField.DkimResult);
        if ((given & (1u << (int)EventField.DkimDomain)) == 0)
            return new EventProblem(EventProblemCode.Missing, EventField.DkimDomain);
        return _line.TryAdd(signature) ? default : new EventProblem(EventProblemCode.TooManySignatures, EventField.Dkim);
    }

    /// <summary>A version such as <c>TLSv1.3</c>, true or false; <c>none</c> and an empty text are "no".</summary>
    private EventProblem ReadTls(ref Utf8JsonReader json)
    {
        if (json.TokenType is JsonTokenType.True or JsonTokenType.False)
            return ReadYesNo(ref json, out _line.Tls);
        EventProblemCode code = Text(ref json, EventField.Tls, out Slice slice);
        if (code != EventProblemCode.None)
            return new EventProblem(code, EventField.Tls);
        ReadOnlySpan<byte> text = _line[slice];
        _line.Tls = text.IsEmpty || text.SequenceEqual("none"u8) ? Answer.No : Answer.Yes;
        return default;
    }

    private static EventProblem ReadYesNo(ref Utf8JsonReader json, out Answer answer)
    {
        answer = json.TokenType == JsonTokenType.True ? Answer.Yes : json.TokenType == JsonTokenType.False ? Answer.No : Answer.Unknown;
        return answer == Answer.Unknown ? new EventProblem(EventProblemCode.WrongType) : default;
    }

    private EventProblem ReadSize(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.Number)
            return new EventProblem(EventProblemCode.WrongType);
        // No message has more than an int's worth of octets, and no sum of them overflows then.
        return json.TryGetInt64(out _line.Size) && _line.Size is >= 0 and <= int.MaxValue ? default : new EventProblem(EventProblemCode.NotANumber);
    }

    /// <summary>A field that is not ours: read over, compared with the others for a repetition.</summary>
    private EventProblem Ignore(ref Utf8JsonReader json, Slice name)
    {
        if (_unknownCount == _unknown.Length)
            return new EventProblem(EventProblemCode.TooManyFields);
        ReadOnlySpan<byte> text = _line[name];
        for (int i = 0; i < _unknownCount; i++)
        {
            if (_line[new Slice(_unknown[i].Start, _unknown[i].Length)].SequenceEqual(text))
                return new EventProblem(EventProblemCode.Repeated);
        }

        _unknown[_unknownCount++] = (name.Start, name.Length);
        int depth = json.CurrentDepth;
        do
        {
            json.Read();
            if ((json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) && json.CurrentDepth >= EventLimits.Nesting)
                return new EventProblem(EventProblemCode.TooDeep);
        }
        while (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject || json.CurrentDepth > depth);
        return default;
    }

    private EventField Name(ref Utf8JsonReader json, out Slice name, bool ofSignature)
    {
        // A name with escapes that stand for no character is nobody's.
        if (!TryUnescape(ref json, out name))
            return EventField.None;
        ReadOnlySpan<byte> text = _line[name];
        return ofSignature ? EventFields.FindOfSignature(text) : EventFields.Find(text);
    }

    private EventProblemCode Text(ref Utf8JsonReader json, EventField field, out Slice slice)
    {
        slice = default;
        if (json.TokenType != JsonTokenType.String)
            return EventProblemCode.WrongType;
        if (!TryUnescape(ref json, out slice))
            return EventProblemCode.BadText;
        return slice.Length > MaxLength(field) ? EventProblemCode.TooLong : EventProblemCode.None;
    }

    private bool TryUnescape(ref Utf8JsonReader json, out Slice slice)
    {
        if (!json.ValueIsEscaped)
        {
            ReadOnlySpan<byte> value = json.ValueSpan;
            slice = new Slice(_start + Offset(value), value.Length);
            return true;
        }

        try
        {
            slice = _line.Keep(json.CopyString(_line.RoomToUnescape));
            return true;
        }
        catch (InvalidOperationException) // half of a surrogate pair
        {
            slice = default;
            return false;
        }
    }

    /// <summary>Where a part of the line begins in it.</summary>
    private int Offset(ReadOnlySpan<byte> part) =>
        part.IsEmpty ? 0 : (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(_octets.AsSpan(_start, _length)), ref MemoryMarshal.GetReference(part));

    private static int MaxLength(EventField field) => field switch
    {
        EventField.MailFrom or EventField.Rcpt or EventField.Mailbox => EventLimits.Address,
        EventField.Helo or EventField.FromDomain or EventField.DkimDomain or EventField.DkimSelector => EventLimits.Name,
        EventField.ListId or EventField.FeedbackId or EventField.Msgtype or EventField.MessageId => EventLimits.HeaderText,
        _ => EventLimits.Word,
    };
}
