using System.Globalization;
using System.Text;
using Edge.Dns.Files;

namespace Edge.Names.Filtering;

/// <summary>
/// What is kept of a list from the web: its last good text and, in a file beside it, what the server said of it. The
/// text is what serves, also when Edge starts without the internet.
/// </summary>
internal sealed class ListCopy
{
    private readonly string _notes;

    private ListCopy(string text, string notes)
    {
        (TextPath, _notes) = (text, notes);
    }

    /// <summary>Where the text lies.</summary>
    public string TextPath { get; }

    /// <summary>Where a text waits that is not yet known to be good.</summary>
    public string DraftPath => TextPath + ".draft";

    public bool Exists => File.Exists(TextPath);

    /// <summary>The address it is from; another one in the settings makes what the server said worthless.</summary>
    public string Url { get; private set; } = "";

    /// <summary>The server's ETag (RFC 9110 §8.8.3); empty for none.</summary>
    public string ETag { get; private set; } = "";

    /// <summary>The server's Last-Modified (RFC 9110 §8.8.2); null for none.</summary>
    public DateTimeOffset? LastModified { get; private set; }

    /// <summary>When its text was fetched.</summary>
    public DateTimeOffset? Fetched { get; private set; }

    /// <summary>When the server last said that it is good, by sending it or by saying that it has not changed.</summary>
    public DateTimeOffset? Checked { get; private set; }

    /// <summary>Rules in it.</summary>
    public int Rules { get; private set; }

    /// <summary>Takes up what is kept.</summary>
    /// <param name="folder">The folder of all copies.</param>
    /// <param name="name">The list's name.</param>
    public static ListCopy Open(string folder, string name)
    {
        var copy = new ListCopy(Path.Combine(folder, name + ".txt"), Path.Combine(folder, name + ".notes"));
        if (copy.Exists && File.Exists(copy._notes))
        {
            copy.ReadNotes();
        }

        return copy;
    }

    /// <summary>The draft is good and becomes the text.</summary>
    public void Take(string url, string etag, DateTimeOffset? lastModified, int rules, DateTimeOffset now)
    {
        File.Move(DraftPath, TextPath, overwrite: true);
        (Url, ETag, LastModified, Rules, Fetched, Checked) = (url, etag, lastModified, rules, now, now);
        WriteNotes();
    }

    /// <summary>The text is still what the server has.</summary>
    public void Confirm(DateTimeOffset now)
    {
        Checked = now;
        WriteNotes();
    }

    private void WriteNotes()
    {
        var notes = new StringBuilder();
        Append("url", Url);
        Append("etag", ETag);
        Append("last-modified", LastModified?.ToString("O", CultureInfo.InvariantCulture) ?? "");
        Append("fetched", Fetched?.ToString("O", CultureInfo.InvariantCulture) ?? "");
        Append("checked", Checked?.ToString("O", CultureInfo.InvariantCulture) ?? "");
        Append("rules", Rules.ToString(CultureInfo.InvariantCulture));
        DurableFile.Write(_notes, notes.ToString());

        void Append(string key, string value) => notes.Append(key).Append(": ").Append(value).Append('\n');
    }

    private void ReadNotes()
    {
        foreach (var line in File.ReadLines(_notes))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var value = colon < 0 ? "" : line[(colon + 2)..];
            switch (colon < 0 ? "" : line[..colon])
            {
                case "url":
                    Url = value;
                    break;
                case "etag":
                    ETag = value;
                    break;
                case "last-modified":
                    LastModified = Time(value);
                    break;
                case "fetched":
                    Fetched = Time(value);
                    break;
                case "checked":
                    Checked = Time(value);
                    break;
                case "rules":
                    Rules = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var rules) ? rules : 0;
                    break;
            }
        }
    }

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : null;
}
