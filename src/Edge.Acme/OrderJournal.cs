using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>
/// The orders that are under way, each with the key its certificate is for: kept before the CA is asked to issue, so that
/// a process that dies goes on with the same order instead of using up another certificate.
/// </summary>
internal sealed class OrderJournal(IAcmeFiles files)
{
    /// <summary>What is known of the order for these names and this profile; null when there is none.</summary>
    public JournaledOrder? Find(ImmutableArray<string> names, string? profile)
    {
        if (files.Read(FileOf(names)) is not { } text)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return Json.Url(root, "order") is { } url && Json.Text(root, "key") is { } pem
                && Json.Texts(root, "names").ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(names) && Json.Text(root, "profile") == profile
                ? new JournaledOrder(url, Key(pem)) { Strays = Json.Number(root, "strays") ?? 0, Counted = Json.True(root, "counted") } : null;
        }
        catch (Exception broken) when (broken is JsonException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Keeps an order and a key made for it.</summary>
    public JournaledOrder Begin(ImmutableArray<string> names, string? profile, Uri order)
    {
        var begun = new JournaledOrder(order, ECDsa.Create(ECCurve.NamedCurves.nistP256));
        Keep(names, profile, begun);
        return begun;
    }

    /// <summary>Keeps what became of an order.</summary>
    public void Keep(ImmutableArray<string> names, string? profile, JournaledOrder journaled)
    {
        var json = Json.Write(
            writer =>
            {
                Json.WriteTexts(writer, "names", names);
                Json.WriteText(writer, "profile", profile);
                writer.WriteString("order", journaled.Url.OriginalString);
                writer.WriteString("key", journaled.Key.ExportPkcs8PrivateKeyPem());
                writer.WriteNumber("strays", journaled.Strays);
                writer.WriteBoolean("counted", journaled.Counted);
            },
            indented: true);
        files.Write(FileOf(names), Encoding.UTF8.GetString(json) + "\n");
    }

    /// <summary>The order is over: its certificate is kept elsewhere, or there will be none.</summary>
    public void Forget(ImmutableArray<string> names) => files.Delete(FileOf(names));

    private static string FileOf(ImmutableArray<string> names) =>
        "orders/" + names[0].Replace("*", "wildcard_", StringComparison.Ordinal).Replace(':', '_') + ".json";

    private static ECDsa Key(string pem)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key;
    }
}
