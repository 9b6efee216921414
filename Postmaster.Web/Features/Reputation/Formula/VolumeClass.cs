namespace Postmaster.Web.Features.Reputation.Formula;

/// <summary>How much a sender sends here a day.</summary>
public enum VolumeClass
{
    /// <summary>Fewer than <see cref="VolumeClasses.SomeFrom"/>: look at the intervals before you look at the rates.</summary>
    Few,

    Some,

    /// <summary>At least <see cref="VolumeClasses.BulkFrom"/>: what the large providers call a bulk sender.</summary>
    Bulk,
}

public static class VolumeClasses
{
    public const double SomeFrom = 50, BulkFrom = 5000;

    public static VolumeClass Of(double perDay) => perDay >= BulkFrom ? VolumeClass.Bulk : perDay >= SomeFrom ? VolumeClass.Some : VolumeClass.Few;
}
