namespace Edge.Acme;

/// <summary>
/// What the client must not forget over a crash: account key and URL, and the order that is under way. Names are
/// relative, with "/" between folder and file; content is secret.
/// </summary>
public interface IAcmeFiles
{
    /// <summary>Where a file lies, for messages.</summary>
    string PathOf(string name);

    /// <summary>The text of a file; null when there is none.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    string? Read(string name);

    /// <summary>Writes a file whole or not at all; when it returns, the content survives a crash.</summary>
    /// <exception cref="IOException">Nothing was changed.</exception>
    void Write(string name, string text);

    /// <summary>Removes a file if it is there.</summary>
    void Delete(string name);

    /// <summary>The folders at the top, by which certificates of CAs that are asked no more are found; none where that cannot be said.</summary>
    /// <exception cref="IOException">They cannot be listed.</exception>
    IEnumerable<string> Folders() => [];
}
