using System.Net;
using System.Text.Json;

namespace Edge.Tests.AcmeServer;

/// <summary>What the ACME server said.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Location">Where the thing is that was made.</param>
/// <param name="Json">The content where it is JSON.</param>
/// <param name="Text">The content.</param>
/// <param name="Error">The ACME error without its prefix; null where it is none.</param>
/// <param name="RetryAfter">In seconds.</param>
internal sealed record ServerAnswer(HttpStatusCode Status, Uri? Location, JsonElement Json, string Text, string? Error, int? RetryAfter);
