using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postmaster.Tests.Support;

/// <summary>A certificate authority that only the tests know.</summary>
internal static class TestAuthority
{
    private static readonly Lazy<X509Certificate2> Made = new(() =>
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Authority of the tests", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-2), now.AddDays(2));
    });

    public static X509Certificate2 Root => Made.Value;

    public static X509Certificate2Collection Roots => [Root];

    /// <summary>A server's certificate from the authority.</summary>
    /// <param name="endsIn">Days; a negative number makes one that is out of date.</param>
    /// <param name="issuerAt">Where the certificate says that its issuer's is to be had.</param>
    public static X509Certificate2 For(string name, double endsIn = 1, string? issuerAt = null, X509Certificate2? issuer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: false));
        if (issuerAt is not null)
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: [issuerAt], caIssuersUris: [issuerAt]));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 signed = request.Create(issuer ?? Root, now.AddDays(-1.5), now.AddDays(endsIn), RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>An authority below the root, which servers are expected to send and ours do not.</summary>
    public static X509Certificate2 Between()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 signed = request.Create(Root, now.AddDays(-1.8), now.AddDays(1.8), RandomNumberGenerator.GetBytes(8));
        return X509CertificateLoader.LoadPkcs12(signed.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);
    }
}
