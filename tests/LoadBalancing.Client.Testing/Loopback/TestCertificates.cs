using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LoadBalancing.Client.Testing;

/// <summary>Certificates for <see cref="LoopbackServer"/>.</summary>
public static class TestCertificates
{
    /// <summary>A self-signed server certificate (ECDSA, P-256) for one DNS name.</summary>
    public static X509Certificate2 CreateSelfSigned(string dnsName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));

        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));

        // Some TLS stacks cannot use the ephemeral key of a new certificate: a round trip makes it an ordinary one.
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>
    /// A check that trusts exactly this certificate although it is self-signed, and still fails when the name that the
    /// client asked for is another: so a test that succeeds proves the TLS name.
    /// </summary>
    public static RemoteCertificateValidationCallback TrustOnly(X509Certificate2 trusted)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        byte[] expected = trusted.RawData;
        return (_, certificate, _, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
            && certificate is not null
            && certificate.GetRawCertData().AsSpan().SequenceEqual(expected);
    }
}
