namespace Edge.Services.Routing;

/// <summary>Sends the client somewhere else.</summary>
/// <param name="Status">301, 302, 307 or 308.</param>
/// <param name="To">The host to ask, with or without a scheme and port; or a whole URL. Null when only the path changes.</param>
/// <param name="KeepsPath">The path and the query that were asked for stand behind it.</param>
/// <param name="Replace">Changes the path; null leaves it.</param>
internal sealed record RedirectAnswer(int Status, Uri? To, bool KeepsPath, TextReplacement? Replace) : RouteAnswer;
