namespace Edge.Settings;

/// <summary>A file of a followed folder as it stands now.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Shown">Its name as the user knows it: "proxy-routes/photos.yaml".</param>
/// <param name="Text">What it holds; null when it could not be read.</param>
/// <param name="Trouble">Why it could not be read; null when it was.</param>
internal sealed record FolderFile(string Path, string Shown, string? Text, string? Trouble);
