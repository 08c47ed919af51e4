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

    /// <summary>Others may share the folder, and who goes back finds what he had.</summary>
    [Fact]
    public void The_CA_whose_account_it_is_gets_a_copy()
    {
        Copy([Staging]);
        foreach (var (name, text) in new[] { ("account.key", "key"), ("orders/wildcard_.example.com.json", "order"), ("certificates/wildcard_.example.com.pem", "pair"), ("certificates/wildcard_.example.com.json", "state") })
        {
            Assert.Equal((text, text), (new CaFiles(_files, Staging).Read(name), _files.Read(name)));
        }

        Assert.NotNull(_files.Read("account.json"));
        Assert.Equal("key", _files.Read("acme-staging-v02.api.letsencrypt.org-directory/account.key"));
    }

    [Fact]
    public void Another_CA_leaves_it_alone()
    {
        Copy([Production]);
        Assert.Null(new CaFiles(_files, Production).Read("account.key"));
        Assert.Equal(("key", "pair"), (_files.Read("account.key"), _files.Read("certificates/wildcard_.example.com.pem")));
    }

    [Fact]
    public void What_is_there_already_is_not_replaced()
    {
        new CaFiles(_files, Staging).Write("account.key", "newer");
        Copy([Staging]);
        Assert.Equal("newer", new CaFiles(_files, Staging).Read("account.key"));
    }

    /// <summary>It would be gone on with a second time, and give the certificate of then.</summary>
    [Fact]
    public void An_order_that_is_over_since_it_was_copied_does_not_come_back()
    {
        Copy([Staging]);
        new CaFiles(_files, Staging).Delete("orders/wildcard_.example.com.json");
        Copy([Staging]);
        Assert.Null(new CaFiles(_files, Staging).Read("orders/wildcard_.example.com.json"));
    }

    [Fact]
    public void A_name_that_is_added_later_finds_its_certificate()
    {
        Copy([Staging]);
        _files.Write("certificates/www.example.com.pem", "www");
        Copy([Staging], "www.example.com");
        Assert.Equal("www", new CaFiles(_files, Staging).Read("certificates/www.example.com.pem"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData(null)]
    public void Where_nothing_says_whose_it_is_the_only_CA_has_its_key_and_of_several_none(string? account)
    {
        _files.Delete("account.json");
        if (account is not null)
        {
            _files.Write("account.json", account);
        }

        Copy([Production, Staging]);
        Assert.Null(new CaFiles(_files, Production).Read("account.key"));
        Copy([Production]);
        Assert.Equal("key", new CaFiles(_files, Production).Read("account.key"));
    }

    private void Copy(Uri[] directories, string name = "*.example.com")
    {
        if (EarlierFiles.HeirOf(_files, directories) is { } heir)
        {
            EarlierFiles.Copy(_files, heir, [name]);
        }
    }
}
