namespace Postmaster.Fbl.Dkim;

/// <summary>How much change on the way a signature forgives (RFC 6376 §3.4).</summary>
public enum DkimCanonicalization
{
    /// <summary>None but the empty lines at the end of the body.</summary>
    Simple,

    /// <summary>White space may be re-folded and squeezed.</summary>
    Relaxed,
}
