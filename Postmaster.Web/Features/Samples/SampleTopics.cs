namespace Postmaster.Web.Features.Samples;

/// <summary>The topics in the order in which they are shown.</summary>
public static class SampleTopics
{
    public const string Dkim = "dkim";
    public const string Spf = "spf";
    public const string Dmarc = "dmarc";
    public const string Arc = "arc";
    public const string Hosts = "hosts";
    public const string Transport = "transport";
    public const string Unsubscribe = "unsubscribe";
    public const string Identifiers = "identifiers";
    public const string Format = "format";
    public const string Html = "html";
    public const string Rules = "rules";
    public const string Score = "score";
}
