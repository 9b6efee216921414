using System.Net;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Samples;

/// <summary>What was seen of the delivery of a sample. A null part is unknown: a pasted sample has none of them.</summary>
/// <param name="Ip">The client that handed the mail to the border.</param>
/// <param name="Helo">As the client said it.</param>
/// <param name="MailFrom">Null with <paramref name="NullSender"/> for <c>&lt;&gt;</c>, null without it when unknown.</param>
/// <param name="Tls">What the border negotiated, such as <c>TLSv1.3</c>; empty for a hop without TLS; null when unknown.</param>
public sealed record SampleEnvelope(IPAddress? Ip, string? Helo, MailAddress? MailFrom, bool NullSender, string? Tls, DateTimeOffset ReceivedAt);

/// <summary>A mail to check.</summary>
/// <param name="Message">As it came; the offsets of all findings are into these octets.</param>
/// <param name="Envelope">Null when the mail was pasted and nothing but itself is known.</param>
public sealed record SampleInput(ReadOnlyMemory<byte> Message, SampleEnvelope? Envelope);
