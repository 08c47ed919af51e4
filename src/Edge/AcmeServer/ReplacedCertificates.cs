using System.Collections.Immutable;
using System.Text.Json;
using Edge.Acme;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeServer;

/// <summary>
/// What an order says that it replaces (RFC 9773 §5): a certificate of the same account, with a name in common, that no other order
/// replaces which may still end well.
/// </summary>
internal sealed class ReplacedCertificates(AcmeServerSetup setup, AcmeServerStore store)
{
    /// <summary>The certificate, nothing where the order names none, or why not.</summary>
    public async Task<(ServerCertificate? Replaced, ServerReply? Wrong)> FindAsync(JsonElement payload, ServerAccount account, ImmutableArray<string> names, CancellationToken cancel)
    {
        if (Json.Member(payload, "replaces") is null)
        {
            return default;
        }

        if (setup.Authority.SerialOf(Json.Text(payload, "replaces")) is not { } serial || await store.CertificateAsync(serial, cancel) is not { } replaced
            || replaced.Account != account.Id || !replaced.Names.Intersect(names).Any())
        {
            return (null, ServerReply.Malformed("replaces names no certificate of this account that shares a name with the order"));
        }

        var before = replaced.ReplacedBy is { } id ? await store.OrderAsync(id, cancel) : null;
        return before is not null && before.Status(setup.Time.GetUtcNow()) != "invalid"
            ? (null, ServerReply.Problem(StatusCodes.Status409Conflict, "alreadyReplaced", "another order replaces this certificate"))
            : (replaced, null);
    }
}
