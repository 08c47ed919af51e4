namespace Edge.Acme;

/// <summary>A CA as one word, for folders and reports.</summary>
internal static class CaName
{
    /// <summary>"acme-v02.api.letsencrypt.org-directory" for that CA: one word, no two directories the same.</summary>
    public static string Of(Uri directory)
    {
        var port = directory.IsDefaultPort ? "" : $"-{directory.Port}";
        var path = directory.AbsolutePath.Trim('/').Replace('/', '-');
        var text = path.Length == 0 ? directory.IdnHost + port : $"{directory.IdnHost}{port}-{path}";
        return string.Concat(text.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-'));
    }
}
