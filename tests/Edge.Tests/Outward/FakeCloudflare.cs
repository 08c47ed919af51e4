using System.Net;
using System.Text.Json.Nodes;

namespace Edge.Tests.Outward;

/// <summary>The part of Cloudflare's API that Edge uses, for the zone example.org: records with ids, changed by a batch (deletes, then posts).</summary>
internal sealed class FakeCloudflare
{
    private int _next;

    /// <summary>Id to "NAME TYPE content".</summary>
    public SortedDictionary<string, string> Records { get; } = new(StringComparer.Ordinal);

    public void Add(string name, string type, string content) => Records[$"id{_next++}"] = $"{name} {type} {content}";

    public (HttpStatusCode Status, string Body) Answer(HttpRequestMessage request, string body)
    {
        if ($"{request.Headers.Authorization}" != $"Bearer {TargetLab.Secret}")
        {
            return (HttpStatusCode.Forbidden, """{"success":false,"errors":[{"code":9109,"message":"Invalid access token"}],"result":null}""");
        }

        return (request.Method.Method, request.RequestUri!.PathAndQuery) switch
        {
            ("GET", "/client/v4/zones?name=example.org") => Ok(new JsonArray(new JsonObject { ["id"] = "zone1", ["name"] = "example.org" })),
            ("GET", var path) when path.StartsWith("/client/v4/zones?name=", StringComparison.Ordinal) => Ok(new JsonArray()),
            ("GET", var path) when path.StartsWith("/client/v4/zones/zone1/dns_records?name=", StringComparison.Ordinal) => Ok(List(path.Split('=', '&')[1])),
            ("POST", "/client/v4/zones/zone1/dns_records/batch") => Batch(JsonNode.Parse(body)!),
            _ => (HttpStatusCode.NotFound, """{"success":false,"errors":[{"code":7003,"message":"Could not route"}]}"""),
        };
    }

    private static (HttpStatusCode Status, string Body) Ok(JsonNode result) => (HttpStatusCode.OK, new JsonObject { ["success"] = true, ["errors"] = new JsonArray(), ["result"] = result }.ToJsonString());

    private JsonArray List(string name) => [.. Records.Select(pair => (pair.Key, Parts: pair.Value.Split(' ', 3))).Where(one => one.Parts[0] == name)
        .Select(one => (JsonNode)new JsonObject { ["id"] = one.Key, ["name"] = one.Parts[0], ["type"] = one.Parts[1], ["content"] = one.Parts[2], ["ttl"] = 60 })];

    private (HttpStatusCode Status, string Body) Batch(JsonNode batch)
    {
        foreach (var gone in batch["deletes"]!.AsArray())
        {
            Assert.True(Records.Remove((string)gone!["id"]!));
        }

        foreach (var added in batch["posts"]!.AsArray())
        {
            Add((string)added!["name"]!, (string)added["type"]!, (string)added["content"]!);
        }

        return Ok(new JsonObject());
    }
}
