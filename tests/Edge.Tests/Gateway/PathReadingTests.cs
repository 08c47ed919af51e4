using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A path that two programs may read as two takes no way around a guard (docs/decisions/0054-two-readings.md).</summary>
public sealed class PathReadingTests
{
    private const string Guarded = "wiki-admin: { host: wiki.example.com, path: /admin/*, to: \"URI\", allow: [192.0.2.1] }";
    private const string Between = "wiki-api: { host: wiki.example.com, path: /api/*, to: \"URI\", allow: [192.0.2.1] }\n  wiki-public: { host: wiki.example.com, path: /api/public/*, to: \"URI\" }";
    private const string Open = "wiki-public: { host: wiki.example.com, path: /public/*, to: \"URI\" }";

    // 403: the guard was asked. 204: the service behind has it, as it was sent.
    [Theory]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/admin/x", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "//admin/x", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/x/..//admin/x", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/admin%2Fx", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/%2fadmin%252fx", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/admin%5Cx", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/a%2F..%2Fadmin", 404)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/a/..;/admin/x", 404)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/admin;a=b/x", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/%2561dmin/x", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/a//..;/admin/x", 404)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/admin;a%2Fb/x", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/admin;%2F../x", 404)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/admin;a%255Cb/x", 403)]
    [InlineData("wiki-admin: { host: wiki.example.com, path: /admin/login, to: \"URI\", allow: [192.0.2.1] }\n  wiki: { to: \"URI\" }", "/admin/login;a%2Fb", 403)]
    [InlineData("wiki-admin: { host: wiki.example.com, path: /admin/area/*, to: \"URI\", allow: [192.0.2.1] }\n  wiki: { to: \"URI\" }", "/admin;a%2Fb/area/x", 403)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "//administration/x", 204)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/a//b%2Fc;d", 204)]
    // Between the two readings lies a third.
    [InlineData(Between, "//api/public%2Fsecret", 403)]
    [InlineData(Between, "/api;x/public%2Fy", 403)]
    [InlineData(Between + "\n  wiki: { to: \"URI\" }", "//api/public%2Fsecret", 403)]
    [InlineData(Between, "//api/public/y", 204)]
    // What is sent every day.
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/api/v4/projects/group%2Fproject/repository/files/a%3Bb%2Fc.md/raw", 204)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/render/data:image%2Fpng;base64,iVBO%2FRw", 204)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/plain/https%3A%2F%2Fx%2Fa.jpg", 204)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/job/feature%252Fx/100%25", 204)]
    // More than anybody encodes.
    [InlineData(Guarded + "\n  wiki: { to: \"URI\" }", "/%2525252541", 404)]
    // The other way round: the rest is guarded.
    [InlineData(Open + "\n  wiki: { to: \"URI\", allow: [192.0.2.1] }", "/public/x", 204)]
    [InlineData(Open + "\n  wiki: { to: \"URI\", allow: [192.0.2.1] }", "/public//x%2Fy", 204)]
    [InlineData(Open + "\n  wiki: { to: \"URI\", allow: [192.0.2.1] }", "/public%2Fx", 403)]
    [InlineData(Open + "\n  wiki: { to: \"URI\", allow: [192.0.2.1] }", "//public/x", 403)]
    [InlineData(Open + "\n  wiki: { to: \"URI\", allow: [192.0.2.1] }", "/public/..%2Fx", 404)]
    [InlineData(Open + "\n  wiki: { to: \"URI\", allow: [192.0.2.1] }", "/public/..;/x", 404)]
    // Nothing else is there.
    [InlineData(Open, "/x/..;/public/y", 404)]
    [InlineData(Open, "/x/%252e%252e/public/y", 404)]
    [InlineData(Open + "\n  docs: { host: wiki.example.com, path: /docs/*, to: \"URI\" }", "/public/..;/docs/x", 404)]
    [InlineData(Open, "/public/100%25;a=b", 204)]
    // Where no route goes by the path there is nothing to get around.
    [InlineData("wiki: { to: \"URI\" }", "/a/..;/b", 204)]
    [InlineData("wiki: { to: \"URI\", routes: [ { method: POST, to: \"URI\" } ] }", "/a/..;/b", 204)]
    [InlineData(Open, "/public/..;/x", 404)]
    [InlineData(Open, "//public/x", 204)]
    [InlineData("wiki: { path-regex: \"^/projects/[^/]+/files$\", to: \"URI\" }", "/projects/a%2Fb/files", 204)]
    [InlineData("wiki: { path: /a//b, to: \"URI\" }", "/a//b", 204)]
    // Two guards, and no way to ask both.
    [InlineData(Guarded + "\n  wiki: { to: \"URI\", allow: [127.0.0.1] }", "//admin/x", 404)]
    [InlineData(Guarded + "\n  wiki: { to: \"URI\", allow: [192.0.2.1] }", "//admin/x", 403)]
    // What Edge answers itself is a guard as well.
    [InlineData("wiki: { to: \"URI\", routes: [ { path: /admin/*, respond: { status: 403, text: no } } ] }", "//admin/x", 403)]
    public async Task The_guard_of_either_reading_is_asked(string services, string sent, int status)
    {
        await using var destination = new Straight.ScriptedDestination(_ => Straight.ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  {services.Replace("URI", destination.Uri, StringComparison.Ordinal)}\n");
        await using var client = await RawClient.ConnectAsync(gateway.Https, "wiki.example.com");
        await client.SendAsync($"GET {sent} HTTP/1.1\r\nHost: wiki.example.com\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
        if (status == 204)
        {
            Assert.Equal($"GET {sent} HTTP/1.1", Assert.Single(destination.Asked).Split("\r\n")[0]);
        }
    }

    [Theory]
    [InlineData("/api/x", "api")]
    [InlineData("//api/x", "api")]
    [InlineData("/api%2Fx", "api")]
    [InlineData("/x", "rest")]
    public async Task In_YARPs_own_form_too(string sent, string expected)
    {
        await using var api = await Backend.SayingAsync("api");
        await using var rest = await Backend.SayingAsync("rest");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("wiki.json", $$"""
            { "ReverseProxy": { "Routes": {
                "api": { "ClusterId": "api", "Match": { "Hosts": ["wiki.example.com"], "Path": "/api/{**rest}" } },
                "rest": { "ClusterId": "rest", "Match": { "Hosts": ["wiki.example.com"] } } },
              "Clusters": { "api": { "Destinations": { "d": { "Address": "{{api.Uri}}" } } }, "rest": { "Destinations": { "d": { "Address": "{{rest.Uri}}" } } } } } }
            """);
        await using var client = await RawClient.ConnectAsync(gateway.Https, "wiki.example.com");
        await client.SendAsync($"GET {sent} HTTP/1.1\r\nHost: wiki.example.com\r\nConnection: close\r\n\r\n");
        Assert.Contains(expected, await client.ReadAsync(), StringComparison.Ordinal);
    }
}
