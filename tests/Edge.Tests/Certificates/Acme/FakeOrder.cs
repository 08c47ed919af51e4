namespace Edge.Tests.Certificates.Acme;

/// <summary>An order at the CA in memory, with one authorization for each name.</summary>
internal sealed class FakeOrder(int number, string[] names, string newAuthorization)
{
    public int Number => number;

    public string[] Names => names;

    public string[] Authorizations { get; } = [.. names.Select(_ => newAuthorization)];

    public bool Finalized { get; set; }

    public bool Processing { get; set; }

    public int Looks { get; set; }

    public string? Chain { get; set; }

    public string Status =>
        Processing ? "processing" : Finalized ? "valid" : Authorizations.All(status => status == "valid") ? "ready" : Authorizations.Any(status => status == "invalid") ? "invalid" : "pending";

    public string Json() => $$"""
        {"status":"{{Status}}","expires":"2099-01-01T00:00:00Z","unknown":{"x":[1]},
         "authorizations":[{{string.Join(',', Enumerable.Range(0, names.Length).Select(at => $"\"https://ca.test/authz/{number}/{at}\""))}}],
         "finalize":"https://ca.test/finalize/{{number}}"{{(Chain is null ? "" : $",\"certificate\":\"https://ca.test/certificate/{number}\"")}}}
        """;

    public string AuthorizationJson(int at)
    {
        var error = Authorizations[at] == "invalid" ? ",\"error\":{\"type\":\"urn:ietf:params:acme:error:unauthorized\",\"detail\":\"Incorrect TXT record\"}" : "";
        var wildcard = names[at].StartsWith("*.", StringComparison.Ordinal);
        return $$"""
            {"status":"{{Authorizations[at]}}","identifier":{"type":"dns","value":"{{(wildcard ? names[at][2..] : names[at])}}"},"wildcard":{{(wildcard ? "true" : "false")}},
             "challenges":[{"type":"dns-persist-01","status":"pending","url":"https://ca.test/other","issuer-domain-names":["ca.test"]},
                           {"type":"dns-01","status":"{{(Authorizations[at] == "invalid" ? "invalid" : "pending")}}","token":"token-{{number}}-{{at}}","url":"https://ca.test/challenge/{{number}}/{{at}}"{{error}}}]}
            """;
    }
}
