using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Edge.Acme;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeServer;

/// <summary>What an order is for (RFC 8555 §7.4, RFC 8738 §3): names and addresses that may be had, or a refusal that says which may not.</summary>
internal sealed class IdentifierReader(NameRules names, AddressRules addresses)
{
    private const int MostNames = 100;

    /// <summary>Null when all of them may be had; they are in <paramref name="wanted"/>, each once. Else the <paramref name="reason"/> says which may not.</summary>
    public ServerReply? Read(JsonElement payload, IPAddress client, out ImmutableArray<string> wanted, out string? reason)
    {
        (wanted, reason) = ([], null);
        var identifiers = Json.List(payload, "identifiers");
        if (identifiers.IsEmpty || identifiers.Length > MostNames)
        {
            return ServerReply.Malformed($"an order is for 1 to {MostNames} identifiers");
        }

        if (identifiers.FirstOrDefault(one => Json.Text(one, "type") is not ("dns" or "ip")) is { ValueKind: not JsonValueKind.Undefined } unknown)
        {
            return ServerReply.Problem(StatusCodes.Status400BadRequest, "unsupportedIdentifier", $"names (type dns) and addresses (type ip) get certificates here, and {Json.Text(unknown, "type") ?? "what has no type"} does not");
        }

        var asked = identifiers.Select(one => (IsAddress: Json.Text(one, "type") == "ip", Value: (Json.Text(one, "value") ?? "").ToLowerInvariant()))
            .Select(one => one with { Value = one.IsAddress ? AddressRules.Canonical(one.Value) : one.Value }).Distinct().ToList();
        var refused = asked.Select(one => (one.Value, Why: one.IsAddress ? addresses.Why(one.Value, client) : names.Why(one.Value))).Where(one => one.Why is not null).ToList();
        if (refused.Count > 0)
        {
            reason = string.Join("; ", refused.Select(one => $"{one.Value} {one.Why}"));
            return ServerReply.Problem(StatusCodes.Status400BadRequest, "rejectedIdentifier", reason);
        }

        wanted = [.. asked.Select(one => one.Value)];
        return null;
    }
}
