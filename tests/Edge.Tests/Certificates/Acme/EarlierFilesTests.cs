using System.Text.Json;
using Edge.Acme;
using Edge.Acme.Hosting;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What an application kept belongs to one CA: another one has nothing to do with it.</summary>
public sealed class EarlierFilesTests
{
    private static readonly Uri Staging = EdgeCertificatesOptions.LetsEncryptStaging;
    private static readonly Uri Production = EdgeCertificatesOptions.LetsEncrypt;

    private readonly MemoryFiles _files = new();

    public EarlierFilesTests()
    {
        _files.Write("account.key", "key");
        _files.Write("account.json", $$"""{"url":"https://ca.test/acct/1","directory":"{{Staging}}"}""");
        _files.Write("orders/wildcard_.example.com.json", "order");
        _files.Write("certificates/wildcard_.example.com.pem", "pair");
        _files.Write("certificates/wildcard_.example.com.json", "state");
    }

    [Fact]
    public void The_CA_whose_account_it_is_takes_it_over()
    {
        EarlierFiles.TakeOver(_files, [Staging], ["*.example.com"]);
        var of = new CaFiles(_files, Staging);
        foreach (var (name, text) in new[] { ("account.key", "key"), ("orders/wildcard_.example.com.json", "order"), ("certificates/wildcard_.example.com.pem", "pair"), ("certificates/wildcard_.example.com.json", "state") })
        {
            Assert.Equal((text, null), (of.Read(name), _files.Read(name)));
        }

        Assert.Null(_files.Read("account.json"));
        Assert.Equal("key", _files.Read("acme-staging-v02.api.letsencrypt.org-directory/account.key"));
    }

    [Fact]
    public void Another_CA_leaves_it_alone()
    {
        EarlierFiles.TakeOver(_files, [Production], ["*.example.com"]);
        Assert.Null(new CaFiles(_files, Production).Read("account.key"));
        Assert.Equal(("key", "pair"), (_files.Read("account.key"), _files.Read("certificates/wildcard_.example.com.pem")));
    }

    [Fact]
    public void What_is_there_already_is_not_replaced()
    {
        new CaFiles(_files, Staging).Write("account.key", "newer");
        EarlierFiles.TakeOver(_files, [Staging], ["*.example.com"]);
        Assert.Equal("newer", new CaFiles(_files, Staging).Read("account.key"));
    }

    [Fact]
    public void What_cannot_be_read_is_left_as_it_is()
    {
        _files.Write("account.json", "{");
        Assert.ThrowsAny<JsonException>(() => EarlierFiles.TakeOver(_files, [Staging], []));
        Assert.Equal("key", _files.Read("account.key"));
    }
}
