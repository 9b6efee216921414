namespace Postmaster.Fbl.Arc;

/// <summary>The one table that turns an <see cref="ArcProblem"/> into words.</summary>
public static class ArcProblemText
{
    public static string Of(ArcProblem problem) => problem switch
    {
        ArcProblem.None => "verified",
        ArcProblem.TooManyFields => "more than 50 sets",
        ArcProblem.InstanceUnreadable => "a field has no instance from 1 to 50",
        ArcProblem.FieldMissing => "a set lacks one of its three fields",
        ArcProblem.FieldRepeated => "a set has one of its fields twice",
        ArcProblem.InstanceMissing => "an instance is missing from the sequence",
        ArcProblem.SealSaysFail => "the newest seal says that the chain was broken already (cv=fail)",
        ArcProblem.ChainStatusWrong => "cv= is not what this place in the chain demands",
        ArcProblem.SealSyntax => "ARC-Seal is malformed",
        ArcProblem.SealHasSignedFields => "ARC-Seal has an h= tag",
        ArcProblem.SealSignature => "ARC-Seal did not verify",
        ArcProblem.MessageSignatureSyntax => "ARC-Message-Signature is malformed",
        ArcProblem.MessageSignatureCoversSeal => "ARC-Message-Signature covers fields of ARC",
        ArcProblem.BodyHash => "the body hash of ARC-Message-Signature did not verify",
        ArcProblem.MessageSignature => "ARC-Message-Signature did not verify",
        ArcProblem.Key => "no usable key",
        ArcProblem.KeyLookup => "key could not be looked up",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
    };
}
