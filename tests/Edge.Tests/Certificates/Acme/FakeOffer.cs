namespace Edge.Tests.Certificates.Acme;

/// <summary>What a new authorization of the CA in memory is like.</summary>
internal sealed class FakeOffer
{
    /// <summary>What each new authorization begins as.</summary>
    public string NewAuthorization { get; set; } = "pending";

    /// <summary>The types offered, some of them unknown to everybody.</summary>
    public string[] Challenges { get; set; } = ["sky-writing-02", "dns-persist-01", "dns-01"];

    /// <summary>Why a challenge fails: a problem without a status.</summary>
    public string Error { get; set; } = """{"type":"urn:ietf:params:acme:error:unauthorized","detail":"Incorrect TXT record"}""";
}
