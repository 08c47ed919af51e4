using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Dns.Files;
using Edge.Settings;

namespace Edge.Access.ClientCertificates;

/// <summary>Reads a file with the certificates of CAs in PEM.</summary>
internal static class AuthorityFile
{
    private const long MostBytes = 1 << 20;
    private const string Hint = "a file with one or more certificates of CAs between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----";

    /// <summary>The CAs; null when something is wrong with the file, which <paramref name="problems"/> is told with the line.</summary>
    public static ClientAuthorities? Read(string file, ProblemList problems)
    {
        if (Bytes(file, MostBytes, problems) is not { } bytes)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes);
        var (roots, intermediates, wrong) = (ImmutableArray.CreateBuilder<X509Certificate2>(), ImmutableArray.CreateBuilder<X509Certificate2>(), 0);
        for (var at = 0; PemEncoding.TryFind(text.AsSpan(at), out var found);)
        {
            var line = 1 + text.AsSpan(0, at + found.Location.Start.GetOffset(text.Length - at)).Count('\n');
            if (Certificate(text.AsSpan(at)[found.Label], text.AsSpan(at)[found.Base64Data], out var problem) is not { } certificate)
            {
                problems.Add(new Problem(file, line, "", problem, Hint));
                wrong++;
            }
            else
            {
                (IsRoot(certificate) ? roots : intermediates).Add(certificate);
            }

            at += found.Location.End.GetOffset(text.Length - at);
        }

        if (wrong > 0)
        {
            return null;
        }

        if (roots.Count == 0)
        {
            var lost = intermediates.FirstOrDefault();
            problems.Add(new Problem(file, 0, "", lost is null ? "holds no certificate in PEM" : $"holds no root: {lost.Subject} was signed by {lost.Issuer}", lost is null ? Hint : "add the certificate of that CA, and of those above it"));
            return null;
        }

        return new ClientAuthorities(roots.ToImmutable(), intermediates.ToImmutable());
    }

    private static X509Certificate2? Certificate(ReadOnlySpan<char> label, ReadOnlySpan<char> base64, out string problem)
    {
        problem = "";
        if (label is not "CERTIFICATE")
        {
            problem = $"is a {label} and no certificate";
            return null;
        }

        try
        {
            var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(base64.ToString()));

            // RFC 5280 §4.2.1.9: what does not say that it is a CA signs nothing.
            if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { CertificateAuthority: true })
            {
                return certificate;
            }

            problem = $"{certificate.Subject} is not the certificate of a CA";
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or FormatException)
        {
            problem = "is not a certificate, though it says so";
        }

        return null;
    }

    private static bool IsRoot(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    /// <summary>The content of a file of the settings; null when it cannot be read, which is told.</summary>
    public static byte[]? Bytes(string file, long most, ProblemList problems)
    {
        try
        {
            return OrdinaryFile.ReadBytes(file, most);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(new Problem(file, 0, "", "cannot be read: it is not there"));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Problem(file, 0, "", $"cannot be read: {unreadable.Message.TrimEnd('.')}"));
        }

        return null;
    }
}
