namespace Edge.Services.Routing;

/// <summary>Files of a folder.</summary>
/// <param name="Folder">Its full path.</param>
internal sealed record FilesAnswer(string Folder) : RouteAnswer;
