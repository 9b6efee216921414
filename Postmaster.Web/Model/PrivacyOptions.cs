using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Model;

/// <summary>What protects the provider's users from senders who look at numbers. Part of the configuration section <c>Traffic</c>.</summary>
public sealed class PrivacyOptions
{
    public const string Section = "Traffic";

    /// <summary>Different recipients there have to be before it is shown what people did with a sender's mail. <see cref="RecipientSketch"/> counts no further than the upper limit.</summary>
    [Range(1, 250, ErrorMessage = "Traffic:PrivacyFloor must be between 1 and 250.")]
    public int PrivacyFloor { get; set; } = 20;
}
