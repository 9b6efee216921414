using System.Net;

namespace Postmaster.Fbl.Authentication;

/// <summary>Whence a message came to the border, in the words of its SMTP client: what SPF judges.</summary>
/// <param name="ReversePath">MAIL FROM without angle brackets, as written; empty for <c>&lt;&gt;</c>.</param>
/// <param name="Helo">The argument of HELO or EHLO, as written.</param>
public sealed record MessageOrigin(IPAddress ClientIp, string ReversePath, string Helo);
