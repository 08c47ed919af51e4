using System.Text;
using Edge.Services;
using Edge.Stores;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>What stands in the store, byte by byte. When this fails, old data folders are no longer understood.</summary>
public sealed class PersistedFormTests
{
    private const string StoredRegistration = """{"name":"photos","hosts":["photos.nas.example.com","*.p.example.com"],"to":["http://192.168.1.10:2342","https://h/base"],"expose":"lan","ttl":90,"owner":"laptop","since":17}""";
    private const string StoredToken = """{"name":"laptop","sha256":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","hosts":["*.nas.example.com"],"services":["*"],"admin":true,"created":"2026-03-01T12:00:00+00:00","expires":"2027-03-01T12:00:00+00:00"}""";

    [Fact]
    public void A_registration()
    {
        var read = RegistrationFormat.Read(Encoding.UTF8.GetBytes(StoredRegistration))!;
        Assert.Equal(("photos", "lan", TimeSpan.FromSeconds(90), "laptop", 17L), (read.Name, read.Expose.ToString().ToLowerInvariant(), read.TimeToLive, read.Owner, read.Since));
        Assert.Equal(StoredRegistration, Encoding.UTF8.GetString(RegistrationFormat.Write(read)));
        Assert.Equal((5L, TimeSpan.FromSeconds(90)), (read.ToService(new LeaseId(5)).Lease!.Id, read.ToService(new LeaseId(5)).Lease!.TimeToLive));
    }

    [Fact]
    public void A_registration_with_routes()
    {
        const string Stored = """{"name":"shop","hosts":["shop.example.com"],"to":["http://h"],"expose":"everywhere","declared":{"to":"http://h","routes":[{"path":"/api/*"}]},"ttl":90,"owner":"laptop","since":17}""";
        var read = RegistrationFormat.Read(Encoding.UTF8.GetBytes(Stored))!;
        Assert.Equal(Stored, Encoding.UTF8.GetString(RegistrationFormat.Write(read)));
        Assert.Equal(["", "path /api/*"], read.ToService(null).Routing!.Routes.Select(route => route.Match.Text));
        Assert.Equal(read.ToService(null), read.ToService(null));
        Assert.Null((read with { Declared = """{"to":"http://h","routes":[{"path":"of another version"}]}""" }).ToService(null).Routing);
    }

    [Fact]
    public void A_token()
    {
        var read = TokenFormat.Read(Encoding.UTF8.GetBytes(StoredToken))!;
        Assert.Equal(("laptop", true, 2027, (DateTimeOffset?)null), (read.Name, read.Admin, read.Expires!.Value.Year, read.Revoked));
        Assert.Equal(StoredToken.Replace("\\u002B", "+"), Encoding.UTF8.GetString(TokenFormat.Write(read)));
    }

    [Fact]
    public void A_token_for_the_LAN()
    {
        var stored = StoredToken.Replace("\"admin\"", "\"expose\":\"lan\",\"admin\"", StringComparison.Ordinal);
        var read = TokenFormat.Read(Encoding.UTF8.GetBytes(stored))!;
        Assert.True(read.Scope.IsForLanOnly);
        Assert.Equal(stored, Encoding.UTF8.GetString(TokenFormat.Write(read)));
        Assert.False(TokenFormat.Read(Encoding.UTF8.GetBytes(StoredToken))!.Scope.IsForLanOnly);
    }

    [Fact]
    public void A_token_that_may_have_ports_opened()
    {
        var stored = StoredToken.Replace("\"admin\"", "\"ports\":[\"2222\",\"30000-30100\"],\"admin\"", StringComparison.Ordinal);
        var read = TokenFormat.Read(Encoding.UTF8.GetBytes(stored))!;
        Assert.Equal([false, true, false, true, true, false], ((int[])[2221, 2222, 2223, 30000, 30100, 30101]).Select(read.Scope.AllowsPort));
        Assert.Equal(stored, Encoding.UTF8.GetString(TokenFormat.Write(read)));
        Assert.Empty(TokenFormat.Read(Encoding.UTF8.GetBytes(StoredToken))!.Scope.Ports);
    }

    [Fact]
    public void A_registration_that_is_not_HTTP()
    {
        const string Stored = """{"name":"ssh","hosts":["ssh.nas.example.com"],"to":["tcp://192.168.1.10:22"],"expose":"everywhere","declared":{"to":"tcp://192.168.1.10:22","listen":2222,"idle":"1h"},"ttl":90,"owner":"laptop","since":17}""";
        var read = RegistrationFormat.Read(Encoding.UTF8.GetBytes(Stored))!;
        Assert.Equal(Stored, Encoding.UTF8.GetString(RegistrationFormat.Write(read)));
        var service = read.ToService(null);
        Assert.Equal(("tcp://192.168.1.10:22", 2222, TimeSpan.FromHours(1), 0), (service.Stream!.To[0].OriginalString, service.Stream.Listen[0].Port, service.Stream.Idle, service.To.Length));
        Assert.Equal(service, read.ToService(null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"name":"a","hosts":[1],"to":[],"expose":"lan","ttl":1,"owner":"","since":0}""")]
    [InlineData("""{"name":"a","hosts":["a"],"to":["x"],"expose":"lan","ttl":1,"owner":"","since":0}""")]
    public void What_is_none_is_null(string text)
    {
        Assert.Null(RegistrationFormat.Read(Encoding.UTF8.GetBytes(text)));
        Assert.Null(TokenFormat.Read(Encoding.UTF8.GetBytes(text)));
    }
}
