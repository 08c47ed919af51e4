using System.Net;
using System.Text.Json.Nodes;

namespace Edge.Tests.Outward;

/// <summary>The part of deSEC's API that Edge uses, for the zone example.org: sets by subname and type, changed by a bulk PATCH as a whole or not at all.</summary>
internal sealed class FakeDesec
{
    public const int LeastTtl = 3600;

    /// <summary>"subname TYPE" to the records.</summary>
    public SortedDictionary<string, string[]> Sets { get; } = new(StringComparer.Ordinal);

    public (HttpStatusCode Status, string Body) Answer(HttpRequestMessage request, string body)
    {
        if ($"{request.Headers.Authorization}" != $"Token {TargetLab.Secret}")
        {
            return (HttpStatusCode.Unauthorized, """{"detail":"Invalid token."}""");
        }

        var path = request.RequestUri!.AbsolutePath;
        if (path == "/api/v1/domains/example.org/" && request.Method == HttpMethod.Get)
        {
            return (HttpStatusCode.OK, $$"""{"name":"example.org","minimum_ttl":{{LeastTtl}}}""");
        }

        if (path != "/api/v1/domains/example.org/rrsets/")
        {
            return (HttpStatusCode.NotFound, """{"detail":"Not found."}""");
        }

        return request.Method == HttpMethod.Patch ? Change(JsonNode.Parse(body)!.AsArray()) : (HttpStatusCode.OK, List(request.RequestUri.Query["?subname=".Length..]));
    }

    private string List(string subname) => new JsonArray([.. Sets.Where(set => set.Key.Split(' ')[0] == subname).Select(set => (JsonNode)new JsonObject
    {
        ["domain"] = "example.org", ["subname"] = subname, ["type"] = set.Key.Split(' ')[1], ["ttl"] = LeastTtl, ["records"] = new JsonArray([.. set.Value.Select(record => (JsonNode)record)]),
    })]).ToJsonString();

    private (HttpStatusCode Status, string Body) Change(JsonArray sets)
    {
        if (sets.Any(set => (int)set!["ttl"]! < LeastTtl) || sets.Any(set => (string)set!["type"]! == "TXT" && set["records"]!.AsArray().Any(text => !((string)text!).StartsWith('"'))))
        {
            return (HttpStatusCode.BadRequest, """[{"ttl":["Ensure this value is greater than or equal to 3600."]}]""");
        }

        foreach (var set in sets)
        {
            var (key, records) = ($"{set!["subname"]} {set["type"]}", set["records"]!.AsArray().Select(record => (string)record!).ToArray());
            Sets.Remove(key);
            if (records.Length > 0)
            {
                Sets[key] = records;
            }
        }

        return (HttpStatusCode.OK, sets.ToJsonString());
    }
}
