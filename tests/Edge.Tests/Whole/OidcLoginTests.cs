using System.Net;
using Edge.Access.Oidc;
using Edge.Tests.Access;

namespace Edge.Tests.Whole;

/// <summary>auth: oidc in the program as it is built and as it is shipped, with a real provider: what reads JSON and keys by reflection shows in native code alone.</summary>
public sealed class OidcLoginTests
{
    [Theory]
    [InlineData(false, "RS256")]
    [InlineData(true, "RS256")]
    [InlineData(true, "PS256")]
    [InlineData(true, "ES256")]
    public async Task A_browser_logs_in_for_all_services_and_out_again(bool published, string algorithm)
    {
        Assert.SkipWhen(published && EdgeProcess.PublishedBinary is null, "there is no published binary (EDGE_BINARY): test.sh makes one where a linker is (apt-get install clang zlib1g-dev)");
        await using var edge = EdgeProcess.InExampleFolder(published ? EdgeProcess.PublishedBinary : null);
        await using var backend = await Gateway.Backend.EchoingAsync();
        await using var provider = await OidcProviderProcess.StartAsync($"https://nas.example.com:{edge.Https}{OidcLogin.CallbackPath}", algorithm);
        await DeclareAsync(edge, backend.Uri, provider.Issuer);
        await edge.StartAsync();
        using var browser = new Browser(GatewayClient.Handler(Path.Combine(edge.Folder, "data", "ca", "root.crt"), edge.Https, followRedirects: false));
        var office = $"https://office.nas.example.com:{edge.Https}/";
        var (at, status, body) = await browser.OpenAsync(office);

        Assert.True((HttpStatusCode.OK, office) == (status, at.OriginalString), $"{status} at {at}\n{body}\n{edge.Output}");
        Assert.Contains("Remote-User: anna", body, StringComparison.Ordinal);
        Assert.Contains("Remote-Groups: family", body, StringComparison.Ordinal);
        Assert.Contains("Remote-Name: %C3%84nna \"A\" M%C3%BCller", body, StringComparison.Ordinal);
        var refused = await browser.OpenAsync($"https://admins.nas.example.com:{edge.Https}/");
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);

        // The session is in the cookie alone: another process with the same data folder goes on with it.
        await edge.StopAsync();
        await edge.StartAsync();
        browser.Visited.Clear();
        Assert.Equal(HttpStatusCode.OK, (await browser.OpenAsync(office)).Status);
        Assert.Single(browser.Visited);

        using var end = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{office}.edge/logout"));
        Assert.StartsWith($"{provider.Issuer}/session/end", end.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var after = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Get, office));
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
    }

    private static async Task DeclareAsync(EdgeProcess edge, string backend, string issuer)
    {
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "oidc.secret"), "edge-secret\n");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "office.yaml"), $$"""
            services:
              office: { to: "{{backend}}", auth: oidc, groups: [family] }
              admins: { to: "{{backend}}", auth: oidc, groups: [admins] }
            """);
        edge.WriteSettings(text => text + $"\naccess:\n  oidc:\n    issuer: {issuer}\n    client-id: edge\n    client-secret-file: oidc.secret\n");
    }
}
