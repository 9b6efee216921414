namespace Postmaster.Web.Hosting;

/// <summary>Configuration section <c>Keys</c>.</summary>
public sealed class KeysOptions
{
    public const string Section = "Keys";

    /// <summary>Where the key ring is that seals secrets: one folder for all machines of a portal. Empty: <c>keys</c> in the data folder.</summary>
    public string Directory { get; set; } = "";
}
