using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Samples.Scores;

/// <summary>Spam filters that are asked about samples. Part of the configuration section <c>Samples</c>.</summary>
public sealed class ScoreOptions
{
    public const string Section = "Samples";

    /// <summary>Of rspamd's normal worker; empty: rspamd is not asked.</summary>
    [RegularExpression("^(https?://[^/ ]+/?)?$", MatchTimeoutInMilliseconds = 1000, ErrorMessage = "Samples:RspamdUrl must look like http://127.0.0.1:11333.")]
    public string RspamdUrl { get; set; } = "";

    /// <summary>Of SpamAssassin's spamd; empty: it is not asked.</summary>
    [RegularExpression(@"^([^ /:]+:\d{1,5})?$", MatchTimeoutInMilliseconds = 1000, ErrorMessage = "Samples:SpamdAddress must look like 127.0.0.1:783.")]
    public string SpamdAddress { get; set; } = "";
}
