using System.Collections.Frozen;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Access.ClientCertificates;

/// <summary>
/// Reads one list of revoked certificates (RFC 5280 §5.1). The base library judges by lists that it downloads itself, and by no others.
/// </summary>
internal static class RevocationListReader
{
    private const string DeltaIndicator = "2.5.29.27";
    private const string DistributionPoint = "2.5.29.28";
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Indirect = new(TagClass.ContextSpecific, 4);

    /// <summary>The list; null when it cannot be used, with the reason.</summary>
    /// <param name="der">The list.</param>
    /// <param name="authorities">One of these must have signed it.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static RevocationList? Read(byte[] der, ClientAuthorities authorities, out string problem)
    {
        try
        {
            var list = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
            var body = list.PeekEncodedValue().ToArray();
            var (issuer, due, revoked) = ReadBody(list.ReadSequence(), out problem);
            if (problem.Length > 0)
            {
                return null;
            }

            var (algorithm, signature) = (list.ReadSequence().ReadObjectIdentifier(), list.ReadBitString(out _));
            return Signer(authorities, issuer, body, algorithm, signature, out problem) is { } signer ? new RevocationList(signer, revoked, due) : null;
        }
        catch (Exception broken) when (broken is AsnContentException or CryptographicException)
        {
            problem = "is not a list of revoked certificates, though it says so";
            return null;
        }
    }

    private static (byte[] Issuer, DateTimeOffset? Due, FrozenDictionary<string, DateTimeOffset> Revoked) ReadBody(AsnReader body, out string problem)
    {
        if (body.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            body.ReadInteger();
        }

        body.ReadEncodedValue();
        var issuer = body.ReadEncodedValue().ToArray();
        ReadTime(body);
        DateTimeOffset? due = body.HasData && IsTime(body) ? ReadTime(body) : null;
        var revoked = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        problem = "";
        if (body.HasData && body.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            for (var entries = body.ReadSequence(); entries.HasData && problem.Length == 0;)
            {
                var entry = entries.ReadSequence();
                revoked[Convert.ToHexString(entry.ReadIntegerBytes().Span)] = ReadTime(entry);
                problem = entry.HasData ? ReadExtensions(entry.ReadSequence()) : "";
            }
        }

        if (problem.Length == 0 && body.HasData)
        {
            problem = ReadExtensions(body.ReadSequence(Extensions).ReadSequence());
        }

        return (issuer, due, revoked.ToFrozenDictionary(StringComparer.Ordinal));
    }

    // RFC 5280 §5.2, §5.3: what is critical and not known makes the list useless. A distribution point (§5.2.5) only narrows what
    // the list is about, unless it speaks of other CAs' certificates.
    private static string ReadExtensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var kind = extension.ReadObjectIdentifier();
            var isCritical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            var value = extension.ReadOctetString();
            if (kind == DeltaIndicator)
            {
                return "holds only what is new since another list; the whole list is needed";
            }

            if (isCritical && (kind != DistributionPoint || IsIndirect(value)))
            {
                return $"has an extension ({kind}) without which it cannot be understood, and which is not known here";
            }
        }

        return "";
    }

    private static bool IsIndirect(byte[] point)
    {
        for (var parts = new AsnReader(point, AsnEncodingRules.DER).ReadSequence(); parts.HasData; parts.ReadEncodedValue())
        {
            if (parts.PeekTag().HasSameClassAndValue(Indirect))
            {
                return true;
            }
        }

        return false;
    }

    // RFC 5280 §6.3.3 (f), (g).
    private static X509Certificate2? Signer(ClientAuthorities authorities, byte[] issuer, byte[] body, string algorithm, byte[] signature, out string problem)
    {
        var named = authorities.Roots.Concat(authorities.Intermediates).Where(one => one.SubjectName.RawData.AsSpan().SequenceEqual(issuer)).ToList();
        if (named.Count == 0)
        {
            problem = $"comes from {new X500DistinguishedName(issuer).Name}, which is none of the CAs in the file of client-cert";
            return null;
        }

        if (named.FirstOrDefault(one => RevocationSignature.IsGood(one, body, algorithm, signature)) is not { } signer)
        {
            problem = RevocationSignature.IsKnown(algorithm) ? $"was not signed by {named[0].Subject}, though it says so" : $"is signed by an algorithm ({algorithm}) that is not known here; RSA and ECDSA with SHA-2 are";
            return null;
        }

        problem = signer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign)
            ? $"was signed by {signer.Subject}, whose key is not for that (its key usage lacks cRLSign)" : "";
        return problem.Length == 0 ? signer : null;
    }

    // RFC 5280 §5.1.2.4: to 2049 in one form, later in the other.
    private static bool IsTime(AsnReader reader) => reader.PeekTag() is { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.UtcTime or (int)UniversalTagNumber.GeneralizedTime };

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}
