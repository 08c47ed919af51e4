using Edge.Dns.Resolver.Upstreams;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>How upstreams are written in settings.</summary>
public sealed class UpstreamTextTests
{
    [Theory]
    [InlineData("9.9.9.9", "9.9.9.9:53")]
    [InlineData("9.9.9.9:5353", "9.9.9.9:5353")]
    [InlineData("udp://9.9.9.9", "9.9.9.9:53")]
    [InlineData("2620:fe::fe", "[2620:fe::fe]:53")]
    [InlineData("[2620:fe::fe]:5353", "[2620:fe::fe]:5353")]
    [InlineData("tcp://9.9.9.9", "tcp://9.9.9.9:53")]
    [InlineData("tls://9.9.9.9", "tls://9.9.9.9")]
    [InlineData("tls://9.9.9.9#dns.quad9.net", "tls://dns.quad9.net@9.9.9.9")]
    [InlineData("tls://9.9.9.9:8853#DNS.quad9.net.", "tls://dns.quad9.net:8853@9.9.9.9")]
    [InlineData("tls://[2620:fe::fe]:853#dns.quad9.net", "tls://dns.quad9.net@2620:fe::fe")]
    [InlineData("tls://[2620:fe::fe]", "tls://[2620:fe::fe]")]
    [InlineData("tls://dns.quad9.net", "tls://dns.quad9.net")]
    [InlineData("tls://dns.quad9.net:8853", "tls://dns.quad9.net:8853")]
    [InlineData("tls://dns.quad9.net@9.9.9.9,149.112.112.112", "tls://dns.quad9.net@9.9.9.9,149.112.112.112")]
    [InlineData("tls://dns.quad9.net@9.9.9.9, 2620:fe::fe", "tls://dns.quad9.net@9.9.9.9,2620:fe::fe")]
    [InlineData("https://cloudflare-dns.com/dns-query@1.1.1.1", "https://cloudflare-dns.com/dns-query@1.1.1.1")]
    [InlineData("https://cloudflare-dns.com", "https://cloudflare-dns.com/dns-query")]
    [InlineData("https://1.1.1.1/dns-query", "https://1.1.1.1/dns-query")]
    [InlineData("https://dns.example:8443/a/b@192.0.2.1", "https://dns.example:8443/a/b@192.0.2.1")]
    [InlineData("HTTPS://dns.example", "https://dns.example/dns-query")]
    public void Read(string text, string form)
    {
        var server = UpstreamServer.Parse(text, out var error);
        Assert.Null(error);
        Assert.Equal(form, server!.ToString());
        Assert.Equal(server, UpstreamServer.Parse(form, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("dns.quad9.net")]
    [InlineData("9.9.9.9:0")]
    [InlineData("9.9.9.9:70000")]
    [InlineData("quic://9.9.9.9")]
    [InlineData("tcp://dns.quad9.net")]
    [InlineData("tls://")]
    [InlineData("tls://dns.quad9.net#name")]
    [InlineData("tls://dns.quad9.net/path")]
    [InlineData("tls://dns.quad9.net@")]
    [InlineData("tls://dns.quad9.net@nine")]
    [InlineData("tls://9.9.9.9#")]
    [InlineData("tls://9.9.9.9#a b")]
    [InlineData("https:///dns-query")]
    [InlineData("https://a:b/dns-query")]
    [InlineData("https://[::1/dns-query")]
    public void Refused_with_a_reason(string text)
    {
        Assert.Null(UpstreamServer.Parse(text, out var error));
        Assert.False(string.IsNullOrEmpty(error));
    }
}
