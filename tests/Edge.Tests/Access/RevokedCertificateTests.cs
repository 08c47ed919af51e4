using Edge.Access.ClientCertificates;
using Edge.Services;
using Edge.Settings;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>client-crl: certificates of clients that their CA has taken back (RFC 5280 §5), through the real gateway.</summary>
public sealed class RevokedCertificateTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Due = DateTimeOffset.UtcNow.AddDays(7);

    private readonly TemporaryFolder _folder = new();
    private readonly ClientCertificateLab _lab = new();
    private Backend _backend = null!;

    private string Authorities => Path.Combine(_folder.Path, "ca.pem");

    private string Lists => Path.Combine(_folder.Path, "ca.crl");

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.SayingAsync("in");
        File.WriteAllText(Authorities, _lab.AuthorityPem + _lab.IntermediatePem);
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        _lab.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_revoked_is_refused_at_once_on_open_connections_too_and_the_log_says_whose_it_was()
    {
        File.WriteAllText(Lists, _lab.ListPem("authority", Due));
        await using var gateway = await StartAsync();
        using var anna = Client(gateway, "good");
        using var carol = Client(gateway, "for any purpose");
        Assert.Equal((200, 200), (await StatusAsync(anna), await StatusAsync(carol)));

        File.WriteAllText(Lists, _lab.ListPem("authority", Due, _lab.Of("good")!));
        await LoggedAsync(gateway, "5952", 2);
        using var refused = await anna.GetAsync("https://door.example.com/", RunningGateway.Cancel);
        Assert.Contains($"was revoked on {DateTimeOffset.UtcNow.AddDays(-1):yyyy-MM-dd}", await refused.Content.ReadAsStringAsync(RunningGateway.Cancel), StringComparison.Ordinal);
        Assert.Equal((403, 403, 200), ((int)refused.StatusCode, await StatusAsync(anna), await StatusAsync(carol)));
        // Once for a connection, however often it asks.
        Assert.Contains($"127.0.0.1 was refused at door: the certificate is CN=anna (serial {_lab.Of("good")!.SerialNumber}), revoked on ", Assert.Single(gateway.Logged, line => line.Contains("5268", StringComparison.Ordinal)), StringComparison.Ordinal);

        // And what is taken from the list is good again.
        File.WriteAllText(Lists, _lab.ListPem("authority", Due));
        await LoggedAsync(gateway, "5952", 3);
        Assert.Equal(200, await StatusAsync(anna));
    }

    [Theory]
    [InlineData("under an intermediate", "intermediate", "under an intermediate", 403)]
    [InlineData("under an intermediate", "authority", "intermediate", 403)]
    [InlineData("under an intermediate", "authority", "under an intermediate", 200)]
    [InlineData("good", "intermediate", "good", 200)]
    public async Task A_list_is_about_its_own_CAs_certificates(string shown, string authority, string revoked, int expected)
    {
        File.WriteAllText(Lists, _lab.ListPem(authority, Due, _lab.Of(revoked) ?? _lab.AuthorityOf(revoked)));
        await using var gateway = await StartAsync();
        using var client = Client(gateway, shown);
        Assert.Equal(expected, await StatusAsync(client));
    }

    [Fact]
    public async Task A_list_of_each_CA_may_stand_in_the_file_or_one_in_DER()
    {
        File.WriteAllText(Lists, _lab.ListPem("intermediate", Due, _lab.Of("under an intermediate")!) + _lab.ListPem("authority", Due, _lab.Of("good")!));
        await using var gateway = await StartAsync();
        using var anna = Client(gateway, "good");
        using var ben = Client(gateway, "under an intermediate");
        Assert.Equal((403, 403), (await StatusAsync(anna), await StatusAsync(ben)));
        var pem = _lab.ListPem("authority", Due, _lab.Of("good")!);
        File.WriteAllBytes(Lists, Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-')))));
        await LoggedAsync(gateway, "5952", 3);
        Assert.Equal((403, 200), (await StatusAsync(anna), await StatusAsync(ben)));
    }

    /// <summary>Who is locked out of the house by a forgotten list would take it away: it goes on to hold, and that it is old is told.</summary>
    [Fact]
    public async Task A_list_that_should_have_been_replaced_still_holds_and_is_told()
    {
        File.WriteAllText(Lists, _lab.ListPem("authority", DateTimeOffset.UtcNow.AddDays(-3), _lab.Of("good")!));
        await using var gateway = await StartAsync();
        using var anna = Client(gateway, "good");
        using var carol = Client(gateway, "for any purpose");
        Assert.Equal((403, 200), (await StatusAsync(anna), await StatusAsync(carol)));
        await LoggedAsync(gateway, "5953", 1);
        Assert.Contains(gateway.Logged, line => line.Contains($"the list of CN=authority should have been replaced by {DateTimeOffset.UtcNow.AddDays(-3):yyyy-MM-dd}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_is_wrong_changes_nothing_and_one_that_was_never_good_lets_nobody_in()
    {
        await using var gateway = await StartAsync();
        using var anna = Client(gateway, "good");
        using var carol = Client(gateway, "for any purpose");
        Assert.Equal(503, await StatusAsync(anna));
        Assert.Contains(gateway.Logged, line => line.Contains("ca.crl: cannot be read: it is not there", StringComparison.Ordinal));
        File.WriteAllText(Lists, _lab.ListPem("authority", Due, _lab.Of("good")!));
        await LoggedAsync(gateway, "5952", 1);
        Assert.Equal((403, 200), (await StatusAsync(anna), await StatusAsync(carol)));
        foreach (var wrong in (string[])["", _lab.ListPem("other", Due)])
        {
            var before = Count(gateway, "what was known before stays");
            File.WriteAllText(Lists, wrong);
            await LoggedAsync(gateway, "what was known before stays", before + 1);
            Assert.Equal((403, 200), (await StatusAsync(anna), await StatusAsync(carol)));
        }
    }

    [Theory]
    [InlineData("", "ca.crl: holds no list of revoked certificates")]
    [InlineData("\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "ca.crl:2: is not a list of revoked certificates, though it says so")]
    [InlineData("{ca}", "ca.crl:1: is a CERTIFICATE and no list of revoked certificates")]
    [InlineData("{other}", "comes from CN=other, which is none of the CAs in the file of client-cert")]
    [InlineData("{namesake}", "was not signed by CN=authority, though it says so")]
    [InlineData("{mute}", "was signed by CN=mute, whose key is not for that (its key usage lacks cRLSign)")]
    [InlineData("{changed}", "was not signed by CN=authority, though it says so")]
    [InlineData("{cut}", "is not a list of revoked certificates, though it says so")]
    public void What_is_wrong_with_a_list_is_told(string text, string expected)
    {
        File.WriteAllText(Authorities, _lab.AuthorityPem + _lab.AuthorityOf("mute").ExportCertificatePem());
        var der = Convert.FromBase64String(string.Concat(_lab.ListPem("authority", Due, _lab.Of("good")!).Split('\n').Where(line => !line.StartsWith('-'))));
        switch (text)
        {
            case "{changed}":
                der[der.AsSpan().IndexOf(_lab.Of("good")!.SerialNumberBytes.Span) + 3] ^= 1;
                File.WriteAllBytes(Lists, der);
                break;
            case "{cut}":
                File.WriteAllBytes(Lists, der[..^1]);
                break;
            default:
                File.WriteAllText(Lists, text.Replace("{ca}", _lab.AuthorityPem, StringComparison.Ordinal) is var filled && filled.StartsWith('{') ? _lab.ListPem(filled.Trim('{', '}'), Due) : filled);
                break;
        }

        var problems = new ProblemList();
        var authorities = AuthorityFile.Read(Authorities, problems)!;
        Assert.Null(RevocationFile.Read(Lists, authorities, problems));
        Assert.Contains(expected, Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
    }

    /// <summary>RFC 5280 §6.3.3 (f): a CA is its name and its key. Who shows another certificate of it does not get past its list, and a namesake's list is not its own.</summary>
    [Fact]
    public void A_list_holds_for_every_certificate_of_its_CA()
    {
        File.WriteAllText(Lists, _lab.ListPem("intermediate", Due, _lab.Of("under an intermediate")!));
        var problems = new ProblemList();
        var list = Assert.Single(RevocationFile.Read(Lists, AuthorityFile.Read(Authorities, problems)!, problems)!.Value);
        using var renewed = _lab.RenewedIntermediate();
        Assert.NotNull(list.When(_lab.Of("under an intermediate")!, _lab.AuthorityOf("intermediate")));
        Assert.NotNull(list.When(_lab.Of("under an intermediate")!, renewed));
        Assert.Null(list.When(_lab.Of("good")!, renewed));
        Assert.Null(list.When(_lab.Of("under an intermediate")!, _lab.AuthorityOf("authority")));
        Assert.Null(list.When(_lab.Of("under an intermediate")!, _lab.AuthorityOf("namesake")));
    }

    /// <summary>Lists as openssl's own CA makes them, the whole ones and such as cannot be used (RFC 5280 §5.2.4, §5.2.5).</summary>
    [Theory]
    [InlineData("", null)]
    [InlineData("issuingDistributionPoint=critical,@point\n[point]\nfullname=URI:http://ca.example/ca.crl\n", null)]
    [InlineData("deltaCRL=critical,ASN1:INTEGER:1\n", "needed")]
    [InlineData("issuingDistributionPoint=critical,@point\n[point]\nindirectCRL=TRUE\n", "(2.5.29.28) without which it cannot be understood")]
    [InlineData("1.2.3.4=critical,ASN1:NULL\n", "(1.2.3.4) without which it cannot be understood")]
    public void Lists_of_openssl_are_read(string extension, string? problem)
    {
        var folder = _folder.Path;
        File.WriteAllText(Path.Combine(folder, "ca.cnf"), $"""
            [ca]
            default_ca=here
            [here]
            database={folder}/index.txt
            crlnumber={folder}/crlnumber
            default_md=sha384
            default_crl_days=7
            [extensions]
            authorityKeyIdentifier=keyid:always
            {extension}
            """);
        File.WriteAllText(Path.Combine(folder, "index.txt"), "R\t301231235959Z\t261101000000Z,keyCompromise\t00C0FFEE\tunknown\t/CN=anna\nV\t301231235959Z\t\t01\tunknown\t/CN=ben\n");
        File.WriteAllText(Path.Combine(folder, "crlnumber"), "01\n");
        OpenSsl.Run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=Family", "-keyout", $"{folder}/family.key", "-out", $"{folder}/family.pem");
        var said = OpenSsl.Run("ca", "-config", $"{folder}/ca.cnf", "-gencrl", "-crlexts", "extensions", "-keyfile", $"{folder}/family.key", "-cert", $"{folder}/family.pem", "-out", Lists);
        Assert.True(File.Exists(Lists), said);
        var problems = new ProblemList();
        var authorities = AuthorityFile.Read($"{folder}/family.pem", problems)!;
        var lists = RevocationFile.Read(Lists, authorities, problems);
        if (problem is not null)
        {
            Assert.Contains(problem, Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
            return;
        }

        var list = Assert.Single(lists ?? throw new Xunit.Sdk.XunitException(string.Join('\n', problems.All)));
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), Assert.Single(list.Revoked, pair => pair.Key == "00C0FFEE").Value);
        Assert.Equal(DateTimeOffset.UtcNow.AddDays(7), list.Due!.Value, TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData("client-crl: /etc/edge/ca.crl", "services.door.client-crl: needs client-cert beside it")]
    [InlineData("client-cert: edge\n    client-crl: /etc/edge/ca.crl", "services.door.client-crl: is for the CAs of a file")]
    [InlineData("client-cert: /etc/edge/ca.pem\n    client-crl: ca.crl", "services.door.client-crl: \"ca.crl\" is not an absolute path")]
    public void A_mistake_in_the_service_is_told(string lines, string expected) =>
        Assert.Contains(expected, Assert.Single(ShortForm.Read($"services:\n  door:\n    to: http://127.0.0.1:1\n    {lines}\n").Problems).ToString(), StringComparison.Ordinal);

    private async Task<RunningGateway> StartAsync()
    {
        var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  door:\n    to: {_backend.Uri}\n    client-cert: {Authorities}\n    client-crl: {Lists}\n");
        return gateway;
    }

    private HttpClient Client(RunningGateway gateway, string shown)
    {
        var handler = gateway.Handler();
        handler.SslOptions.ClientCertificateContext = _lab.ContextOf(shown);
        return new HttpClient(handler);
    }

    private static async Task<int> StatusAsync(HttpClient client)
    {
        using var response = await client.GetAsync("https://door.example.com/", RunningGateway.Cancel);
        return (int)response.StatusCode;
    }

    private static int Count(RunningGateway gateway, string words) => gateway.Logged.Count(line => line.Contains(words, StringComparison.Ordinal));

    private static Task LoggedAsync(RunningGateway gateway, string words, int times) =>
        Eventually.TrueAsync(() => Count(gateway, words) >= times, () => $"{words}\n{string.Join('\n', gateway.Logged)}");
}
