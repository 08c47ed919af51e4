using Edge.Gateway;

namespace Edge.Tests.Gateway;

/// <summary>NAME.local leads to the name that has a certificate.</summary>
public sealed class LocalNamesTests
{
    [Theory]
    [InlineData("photos.local", "photos.nas.example.com")]
    [InlineData("Photos.LOCAL:8080", "photos.nas.example.com")]
    [InlineData("photos.local.", "photos.nas.example.com")]
    [InlineData("music.local", null)]
    [InlineData("photos.local.example.com", null)]
    [InlineData("photos.localhost", null)]
    [InlineData("photos.nas.example.com", null)]
    [InlineData("", null)]
    public void A_host_is_known_whatever_its_case_and_port(string header, string? host) =>
        Assert.Equal(host, new LocalNames(name => name == "photos.local" ? "photos.nas.example.com" : null).HostOf(header));
}
