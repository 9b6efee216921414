namespace Postmaster.Web.Features.Samples;

/// <summary>How far a check looks.</summary>
public enum SampleScope
{
    /// <summary>At everything: the mail, what stands around it in DNS, its HTML and its wording.</summary>
    Everything,

    /// <summary>At authentication, the header fields and the form: what is worth knowing of each of a hundred thousand mails.</summary>
    MailAlone,
}
