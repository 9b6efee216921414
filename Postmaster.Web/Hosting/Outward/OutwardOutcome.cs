using System.Net;
using System.Net.Http.Headers;

namespace Postmaster.Web.Hosting.Outward;

/// <summary>Why nothing was asked.</summary>
public enum OutwardRefusal
{
    NotHttps,

    /// <summary>Another port than 443.</summary>
    Port,

    /// <summary>A user name or password in the address.</summary>
    UserInTarget,

    /// <summary>The host is an address, in whatever notation, or no name of the public DNS.</summary>
    NoHostName,

    /// <summary>The name leads to an address that is not public, perhaps beside one that is.</summary>
    PrivateAddress,

    /// <summary>A header field that would not stay one line.</summary>
    BadField,
}

/// <summary>At what it failed.</summary>
public enum OutwardFailure
{
    /// <summary>The name has no address.</summary>
    NoAddress,

    /// <summary>DNS gave no answer.</summary>
    Dns,
    Connect,

    /// <summary>No TLS, or a certificate that does not speak for the name.</summary>
    Tls,
    Time,

    /// <summary>What came is no HTTP, ended early, or has a header beyond the limit.</summary>
    Protocol,
}

/// <summary>What became of a request. Texts are for people, and free of anything that the server said but for names and numbers.</summary>
public abstract record OutwardOutcome
{
    private OutwardOutcome()
    {
    }

    /// <summary>The server answered, with whatever status.</summary>
    /// <param name="ContentType">The media type in lower case, without parameters; null without one.</param>
    /// <param name="IsCut">The body is longer than was wanted.</param>
    /// <param name="Took">From the first DNS question on.</param>
    public sealed record Answered(int Status, string? ContentType, ReadOnlyMemory<byte> Body, bool IsCut, IPAddress Server, TimeSpan Took) : OutwardOutcome
    {
        /// <summary>What the server said about when to ask again (RFC 9110 §10.2.3); null: nothing that could be read.</summary>
        public RetryConditionHeaderValue? RetryAfter { get; init; }

        public bool IsSuccess => Status is >= 200 and < 300;

        /// <summary>Never followed.</summary>
        public bool IsRedirect => Status is >= 300 and < 400;
    }

    public sealed record Refused(OutwardRefusal Reason, string Text) : OutwardOutcome;

    public sealed record Failed(OutwardFailure Reason, string Text, TimeSpan Took) : OutwardOutcome;
}
