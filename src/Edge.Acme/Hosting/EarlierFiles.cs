using System.Text.Json;

namespace Edge.Acme.Hosting;

/// <summary>
/// What an earlier version kept without saying of which CA: it goes to the CA whose account it holds, and to no other. It stays where
/// it is, for other applications that use it, and for who goes back.
/// </summary>
internal static class EarlierFiles
{
    private const string Account = "account.json";
    private const string Key = "account.key";

    /// <summary>The CA that it is for; null when it is for none of those that are in use.</summary>
    /// <param name="files">All files.</param>
    /// <param name="directories">The CAs that are in use.</param>
    public static Uri? HeirOf(IAcmeFiles files, IReadOnlyList<Uri> directories) =>
        Whose(files) is { } whose ? directories.FirstOrDefault(directory => directory == whose) : directories is [var only] ? only : null;

    /// <summary>The CA whose account it holds; null where nothing says so, as where the file is broken.</summary>
    public static Uri? Whose(IAcmeFiles files)
    {
        try
        {
            if (files.Read(Account) is { } account)
            {
                using var json = JsonDocument.Parse(account);
                return Json.Url(json.RootElement, "directory");
            }
        }
        catch (Exception broken) when (broken is JsonException or IOException)
        {
            // Then nobody says whose it is.
        }

        return null;
    }

    /// <summary>Copies what is not there yet; a crash in between is no harm.</summary>
    /// <param name="files">All files.</param>
    /// <param name="heir">The CA that it is for.</param>
    /// <param name="names">The names of certificates.</param>
    /// <exception cref="IOException">Not all of it was copied.</exception>
    public static void Copy(IAcmeFiles files, Uri heir, IEnumerable<string> names)
    {
        var of = new CaFiles(files, heir);
        var places = names.Select(name => name.Replace("*", "wildcard_", StringComparison.Ordinal)).ToList();
        // The key last: where it is, the account was copied once, and what became of its orders since is not undone.
        if (of.Read(Key) is null && files.Read(Key) is not null)
        {
            string[] known = Whose(files) is null ? [] : [.. places.Select(place => $"orders/{place}.json"), "account.key.next", Account];
            Copy(files, of, [.. known, Key]);
        }

        if (Whose(files) is not null)
        {
            // The state first: it says of a certificate how it goes on.
            Copy(files, of, places.Where(place => of.Read($"certificates/{place}.pem") is null).SelectMany(place => new[] { $"certificates/{place}.json", $"certificates/{place}.pem" }));
        }
    }

    private static void Copy(IAcmeFiles files, CaFiles of, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (of.Read(name) is null && files.Read(name) is { } text)
            {
                of.Write(name, text);
            }
        }
    }
}
