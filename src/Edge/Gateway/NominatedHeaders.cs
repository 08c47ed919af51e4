using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway;

/// <summary>
/// The headers that an answer's Connection names are for the connection to the destination only (RFC 9110 section 7.6.1). YARP's
/// forwarder leaves Connection itself behind; the straight way has the same in its own form.
/// </summary>
internal static class NominatedHeaders
{
    public static void Drop(HttpResponseMessage? response, IHeaderDictionary headers)
    {
        if (response is null || !response.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var said))
        {
            return;
        }

        foreach (var name in said.SelectMany(line => line.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            // With 101 it says what the connection becomes, which the forwarder takes care of.
            if (!name.Equals(HeaderNames.Upgrade, StringComparison.OrdinalIgnoreCase))
            {
                headers.Remove(name);
            }
        }
    }
}
