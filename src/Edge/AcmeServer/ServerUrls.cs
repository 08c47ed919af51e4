namespace Edge.AcmeServer;

/// <summary>The URLs of the server as a client reaches it.</summary>
/// <param name="Origin">"https://nas.example.com", with a port where it is not 443.</param>
internal sealed record ServerUrls(string Origin)
{
    public const string Root = "/acme/";

    public string Of(string path) => $"{Origin}{Root}{path}";

    public string Account(string id) => Of("account/" + id);

    public string Order(string id) => Of("order/" + id);

    public string Authorization(string order, int index) => Of(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"authz/{order}/{index}"));

    public string Challenge(string order, int index, string type) => Of(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"challenge/{order}/{index}/{type}"));

    public string Certificate(string serial) => Of("certificate/" + serial);
}
