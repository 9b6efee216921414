using System.Buffers;

namespace Postmaster.Fbl.Smtp;

/// <summary>
/// Finds the end of message data and takes the stuffed dots out (RFC 5321 §4.1.1.4, §4.5.2), over any cut of the octets.
/// Only CRLF ends a line here: <c>LF . LF</c>, <c>LF . CRLF</c>, <c>CR . CR</c> and their kin are content, so that no message can hide another
/// one behind a line end that the relay before us read differently.
/// </summary>
internal sealed class LmtpDataDecoder
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';
    private const byte Dot = (byte)'.';

    // The data begins at the start of a line, so an empty message is the terminator alone.
    private State state = State.LineStart;

    private enum State
    {
        LineStart,
        LineStartDot,
        LineStartDotCr,
        Inside,
        InsideCr,
        Ended,
    }

    public bool Ended => state is State.Ended;

    /// <summary>Decodes until the input or the message ends, and returns how many octets were used up: what follows belongs to the next command.</summary>
    public int Decode(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var at = 0;
        while (at < input.Length && !Ended)
        {
            if (state is State.Inside)
                at += CopyToCr(input[at..], output);
            else
                Step(input[at++], output);
        }

        return at;
    }

    private int CopyToCr(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        var cr = input.IndexOf(Cr);
        var length = cr < 0 ? input.Length : cr + 1;
        output.Write(input[..length]);
        if (cr >= 0)
            state = State.InsideCr;
        return length;
    }

    private void Step(byte octet, IBufferWriter<byte> output)
    {
        switch (state)
        {
            case State.LineStart when octet is Dot:
                state = State.LineStartDot;
                break;
            case State.LineStartDot when octet is Cr:
                state = State.LineStartDotCr;
                break;
            case State.LineStartDotCr when octet is Lf:
                state = State.Ended;
                break;
            case State.LineStartDotCr:
                // A dot, a CR and something else: the dot was stuffed, the CR is content.
                output.Write([Cr]);
                state = State.InsideCr;
                Step(octet, output);
                break;
            case State.InsideCr when octet is Lf:
                output.Write([octet]);
                state = State.LineStart;
                break;
            default:
                // RFC 5321 §4.5.2: after a dot at the start of a line the dot is dropped and the rest is content.
                output.Write([octet]);
                state = octet is Cr ? State.InsideCr : State.Inside;
                break;
        }
    }
}
