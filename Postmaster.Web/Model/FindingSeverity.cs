namespace Postmaster.Web.Model;

/// <summary>How bad a finding is. Of several, the worst counts: critical before unknown, unknown before warning.</summary>
public enum FindingSeverity
{
    Ok,
    Warning,

    /// <summary>It could not be looked at: nothing can be said.</summary>
    Unknown,
    Critical,
}
