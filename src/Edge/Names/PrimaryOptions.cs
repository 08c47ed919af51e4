using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Dns.Transfer;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The "primaries" of a zone: an address, or a mapping of address, key and tls.</summary>
internal static class PrimaryOptions
{
    private const int PinLength = 32;

    /// <summary>Reads one or a list of them.</summary>
    /// <param name="section">The zone's section.</param>
    /// <param name="keys">The keys there are.</param>
    /// <param name="folder">Where relative files start.</param>
    public static ImmutableArray<PrimaryServer> ReadAll(MapReader section, ImmutableArray<KeyOptions> keys, string folder)
    {
        var primaries = ImmutableArray.CreateBuilder<PrimaryServer>();
        foreach (var item in section.Items("primaries"))
        {
            if (Read(item, section.Problems, keys, folder) is { } primary)
            {
                primaries.Add(primary);
            }
        }

        return primaries.ToImmutable();
    }

    private static PrimaryServer? Read(Node item, ProblemList problems, ImmutableArray<KeyOptions> keys, string folder)
    {
        switch (item)
        {
            case ScalarNode { Value: { } text }:
                return SecondaryOptions.Address(text, item, problems, 53) is { } plain ? new PrimaryServer(plain) : null;
            case MapNode map:
                var section = new MapReader(map, problems);
                var tls = Tls(section, folder);
                var address = SecondaryOptions.Address(section.Text("address"), section.Node("address") ?? map, problems, tls is null ? 53 : 853);
                var key = SecondaryOptions.Key(section, keys);
                section.Done();
                return address is null ? null : new PrimaryServer(address, key, tls);
            default:
                problems.Add(item, $"is {item.Kind}; an address or a mapping with address, key and tls is needed here");
                return null;
        }
    }

    private static PrimaryTls? Tls(MapReader section, string folder)
    {
        if (section.Node("tls") is ScalarNode)
        {
            return section.Switch("tls") == true ? new PrimaryTls() : null;
        }

        if (section.Section("tls") is not { } tls)
        {
            return null;
        }

        var name = tls.Text("name");
        var pin = tls.Text("pin");
        if (pin is not null && (!Convert.TryFromBase64String(pin, new byte[pin.Length], out var length) || length != PinLength))
        {
            tls.Problems.Add(tls.Node("pin")!, "is not a SHA-256 in base64", "openssl x509 -in CERT -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64");
            pin = null;
        }

        var root = tls.Text("root") is { } file ? Root(Path.GetFullPath(file, folder), tls) : null;
        tls.Done();
        return new PrimaryTls(name, pin, root);
    }

    private static string? Root(string path, MapReader tls)
    {
        if (SettingFile.ReadText(tls.Node("root")!, path, tls.Problems) is not { } pem)
        {
            return null;
        }

        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return pem;
        }
        catch (CryptographicException wrong)
        {
            tls.Problems.Add(tls.Node("root")!, $"is not a certificate in PEM: {wrong.Message}");
            return null;
        }
    }
}
