using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Edge.Settings;

namespace Edge.Access.ClientCertificates;

/// <summary>Reads a file with lists of revoked certificates: one or more in PEM, or one in DER, as CAs publish it.</summary>
internal static class RevocationFile
{
    private const long MostBytes = 16 << 20;
    private const byte Sequence = 0x30;
    private const string Hint = "a file with one or more lists of revoked certificates between -----BEGIN X509 CRL----- and -----END X509 CRL-----, or one in DER";

    /// <summary>The lists; null when something is wrong with the file, which <paramref name="problems"/> is told with the line.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="authorities">The CAs whose lists they must be.</param>
    /// <param name="problems">Told what is wrong.</param>
    public static ImmutableArray<RevocationList>? Read(string file, ClientAuthorities authorities, ProblemList problems)
    {
        if (AuthorityFile.Bytes(file, MostBytes, problems) is not { } bytes)
        {
            return null;
        }

        var (lists, wrong) = (ImmutableArray.CreateBuilder<RevocationList>(), 0);
        foreach (var (der, line, label) in bytes is [Sequence, ..] ? [(bytes, 0, "X509 CRL")] : Blocks(Encoding.UTF8.GetString(bytes)))
        {
            var problem = $"is a {label} and no list of revoked certificates";
            if (label == "X509 CRL" && RevocationListReader.Read(der, authorities, out problem) is { } list)
            {
                lists.Add(list);
            }
            else
            {
                problems.Add(new Problem(file, line, "", problem, Hint));
                wrong++;
            }
        }

        if (wrong == 0 && lists.Count == 0)
        {
            problems.Add(new Problem(file, 0, "", "holds no list of revoked certificates", Hint));
        }

        return wrong == 0 && lists.Count > 0 ? lists.ToImmutable() : null;
    }

    /// <summary>What is to be said of lists that the CA should have replaced; null when there are none.</summary>
    public static string? Overdue(ImmutableArray<RevocationList> lists, DateTimeOffset now) =>
        lists.Where(list => list.Due < now).MinBy(list => list.Due) is { } old
            ? $"the list of {old.Issuer.Subject} should have been replaced by {old.Due:yyyy-MM-dd HH:mm}Z; what it says still holds, what was revoked since is not known" : null;

    private static List<(byte[] Der, int Line, string Label)> Blocks(string text)
    {
        var found = new List<(byte[], int, string)>();
        for (var at = 0; PemEncoding.TryFind(text.AsSpan(at), out var block);)
        {
            var line = 1 + text.AsSpan(0, at + block.Location.Start.GetOffset(text.Length - at)).Count('\n');
            found.Add((Convert.FromBase64String(text[at..][block.Base64Data]), line, text[at..][block.Label]));
            at += block.Location.End.GetOffset(text.Length - at);
        }

        return found;
    }
}
