namespace Edge.Tests.Certificates.Acme;

/// <summary>An order at the CA in memory, with one authorization for each name.</summary>
internal sealed class FakeOrder(int number, string[] names, FakeOffer offer)
{
    private const string Caa = """{"type":"urn:ietf:params:acme:error:caa","detail":"CAA record prevents issuance"}""";

    public int Number => number;

    public string[] Names => names;

    public string[] Authorizations { get; } = [.. names.Select(_ => offer.NewAuthorization)];

    public string? Profile { get; init; }

    public string? Replaces { get; init; }

    public bool Finalized { get; set; }

    public bool Processing { get; set; }

    public int Looks { get; set; }

    public string? Chain { get; set; }

    /// <summary>Which challenge was answered for each name.</summary>
    public string?[] Answered { get; } = new string?[names.Length];

    /// <summary>The names that a CAA record forbids.</summary>
    public bool[] Forbidden { get; } = new bool[names.Length];

    public string Status =>
        Processing ? "processing" : Finalized ? "valid" : Authorizations.All(status => status == "valid") ? "ready" : Authorizations.Any(status => status == "invalid") ? "invalid" : "pending";

    public string Json() => $$"""
        {"status":"{{Status}}","expires":"2099-01-01T00:00:00Z","unknown":{"x":[1]},
         "authorizations":[{{string.Join(',', Enumerable.Range(0, names.Length).Select(at => $"\"https://ca.test/authz/{number}/{at}\""))}}],
         "finalize":"https://ca.test/finalize/{{number}}"{{(Chain is null ? "" : $",\"certificate\":\"https://ca.test/certificate/{number}\"")}}}
        """;

    public string AuthorizationJson(int at)
    {
        var wildcard = names[at].StartsWith("*.", StringComparison.Ordinal);
        var name = wildcard ? names[at][2..] : names[at];
        var type = System.Net.IPAddress.TryParse(name, out _) ? "ip" : "dns";
        return $$"""
            {"status":"{{Authorizations[at]}}","identifier":{"type":"{{type}}","value":"{{name}}"},"wildcard":{{(wildcard ? "true" : "false")}},
             "challenges":[{{string.Join(',', offer.Challenges.Where(type => IsShown(at, type)).Select(challenge => Challenge(at, challenge)))}}]}
            """;
    }

    // As real CAs do: of an authorization that is invalid, the challenge that failed and no other.
    private bool IsShown(int at, string type) => Authorizations[at] != "invalid" || Answered[at] is null || Answered[at] == type;

    private string Challenge(int at, string type)
    {
        var error = Authorizations[at] == "invalid" && (Answered[at] ?? type) == type ? $",\"error\":{(Forbidden[at] ? Caa : offer.Error)}" : "";
        var token = type == "dns-persist-01" ? ",\"issuer-domain-names\":[\"CA.test.\"]" : $",\"token\":\"token-{number}-{at}\"";
        return $$"""{"type":"{{type}}","status":"{{(Authorizations[at] == "invalid" ? "invalid" : "pending")}}"{{token}},"url":"https://ca.test/challenge/{{number}}/{{at}}/{{type}}"{{error}}}""";
    }
}
