using System.Text.Json;

namespace Edge.Acme.Hosting;

/// <summary>What an earlier version kept without saying of which CA: it goes to the CA whose account it holds, and to no other.</summary>
internal static class EarlierFiles
{
    private const string Account = "account.json";

    /// <summary>Takes over what there is; a crash in between is no harm.</summary>
    /// <param name="files">All files.</param>
    /// <param name="directories">The CAs that are in use.</param>
    /// <param name="names">The names of certificates.</param>
    public static void TakeOver(IAcmeFiles files, IEnumerable<Uri> directories, IEnumerable<string> names)
    {
        if (files.Read(Account) is not { } account || DirectoryOf(account) is not { } whose || !directories.Contains(whose))
        {
            return;
        }

        var of = new CaFiles(files, whose);
        var places = names.Select(name => name.Replace("*", "wildcard_", StringComparison.Ordinal)).ToList();
        // The account last: as long as it is there, the rest may be as well.
        string[] kept = ["account.key", "account.key.next", .. places.Select(place => $"orders/{place}.json"), .. places.SelectMany(place => new[] { $"certificates/{place}.pem", $"certificates/{place}.json" }), Account];
        foreach (var name in kept)
        {
            if (files.Read(name) is { } text && of.Read(name) is null)
            {
                of.Write(name, text);
            }
        }

        foreach (var name in kept)
        {
            files.Delete(name);
        }
    }

    private static Uri? DirectoryOf(string account)
    {
        using var json = JsonDocument.Parse(account);
        return Json.Url(json.RootElement, "directory");
    }
}
