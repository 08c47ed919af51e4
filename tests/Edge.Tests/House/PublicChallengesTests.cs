using System.Net;
using System.Text.RegularExpressions;
using Edge.Tests.Certificates.Acme;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>
/// http-01 and tls-alpn-01 through all of the program: a CA on the internet comes in through the router's NAT, to ports 80 and
/// 443, for names of a zone that is not ours and for the house's own address.
/// </summary>
public sealed class PublicChallengesTests(HouseLab lab) : IClassFixture<HouseLab>
{
    private const string Host = "shop.elsewhere.example";

    /// <summary>RFC 8555 §8.3, RFC 8737 §3. Where the router lets only one way in, the other is what counts.</summary>
    [Theory]
    [InlineData("http-01", 80)]
    [InlineData("tls-alpn-01", 443)]
    [InlineData("tls-alpn-01, http-01", 80)]
    [InlineData("http-01, tls-alpn-01", 443)]
    public async Task A_name_of_a_foreign_zone_is_proven_through_the_router(string challenges, int forwarded)
    {
        await StandsAsync(forwarded);
        using var authority = Authority();
        await authority.StartAsync();
        await using var edge = await HouseEdge.StartAsync(lab, usual => usual + Settings(authority, challenges), $$"""
            services:
              shop: { to: "http://127.0.0.1:9", host: {{Host}} }
            """);
        await ShowsChainAsync(edge, authority, $"{HouseLab.BoxAddress}:443", "-servername", Host, "-verify_hostname", Host);
        Assert.Matches($@"(?m)^{Host} .*{HouseLab.ResolverAddress}\S* .* serving", (await edge.CommandAsync("certs")).Output);
        // What proves nothing any more is not there any more, and visitors are redirected as ever.
        Assert.Contains("308", await lab.Box.RunAsync("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", $"Host: {Host}", $"http://{HouseLab.BoxAddress}/.well-known/acme-challenge/x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_gets_in_the_reason_is_told_and_Edges_own_certificate_serves()
    {
        await StandsAsync();
        using var authority = Authority();
        await authority.StartAsync();
        await using var edge = await HouseEdge.StartAsync(lab, usual => usual + Settings(authority, "http-01"), $$"""
            services:
              shop: { to: "http://127.0.0.1:9", host: {{Host}} }
            """);
        var said = "";
        await Eventually.TrueAsync(
            async () => Regex.IsMatch(said = (await edge.CommandAsync("certs")).Output, $@"(?m)^{Host} .*failing: .*{HouseLab.PublicAddress}:80: .*refused"), () => $"{said}\n{edge.Output}\n{authority.Output}", patience: TimeSpan.FromMinutes(1));
        var shown = await lab.Box.RunAsync("openssl", "s_client", "-connect", $"{HouseLab.BoxAddress}:443", "-servername", Host, "-verify_hostname", Host, "-CAfile", Path.Combine(edge.Folder, "data", "ca", "root.crt"));
        Assert.Contains("Verify return code: 0 (ok)", shown, StringComparison.Ordinal);
    }

    /// <summary>RFC 8738: the address of the house, which is the router's. A box that has it itself shows that certificate to who names no host.</summary>
    [Theory]
    [InlineData("http-01", 80)]
    [InlineData("tls-alpn-01", 443)]
    public async Task The_public_address_is_proven(string challenge, int forwarded)
    {
        await StandsAsync(forwarded);
        using var authority = Authority();
        await authority.StartAsync();
        await lab.Box.RunAsync("ip", "addr", "replace", $"{HouseLab.PublicAddress}/32", "dev", "lo");
        await using var edge = await HouseEdge.StartAsync(lab, usual => usual + Settings(authority, challenge) + $"\n  addresses: [{HouseLab.PublicAddress}]");
        await ShowsChainAsync(edge, authority, $"{HouseLab.PublicAddress}:443", "-noservername", "-verify_ip", HouseLab.PublicAddress);
    }

    private async Task StandsAsync(params int[] forwarded)
    {
        Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
        Shell.Need("pebble", "pebble");
        Shell.Need("openssl", "openssl");
        await lab.ForwardAsync(forwarded);
    }

    private PebbleServer Authority() =>
        new(Directory.CreateDirectory(Path.Combine(lab.Folder, Path.GetRandomFileName())).FullName, new IPEndPoint(IPAddress.Parse(HouseLab.ResolverAddress), 53), 36000, lab.Internet)
        {
            HttpPort = 80,
            TlsPort = 443,
            RefusedNonces = 20,
        };

    private static string Settings(PebbleServer authority, string challenges) => $"""
        certificates:
          acme:
            directory: {authority.Directory}
            trusted-root: {authority.RootFile}
            agree-to-terms: true
            challenges: [{challenges}]
        """;

    /// <summary>Waits until who trusts the CA's root alone gets leaf and intermediate.</summary>
    private async Task ShowsChainAsync(HouseEdge edge, PebbleServer authority, string address, params string[] name)
    {
        var root = Path.Combine(edge.Folder, "public-root.pem");
        await File.WriteAllTextAsync(root, await authority.RootPemAsync());
        var seen = "";
        await Eventually.TrueAsync(
            async () => (seen = await lab.Box.RunAsync("openssl", ["s_client", "-connect", address, "-showcerts", "-CAfile", root, .. name])).Contains("Verify return code: 0 (ok)", StringComparison.Ordinal),
            () => $"{seen}\n{edge.Output}\n{authority.Output}",
            patience: TimeSpan.FromMinutes(2));
        Assert.Contains("\n 0 s:", seen, StringComparison.Ordinal);
        Assert.Contains("\n 1 s:", seen, StringComparison.Ordinal);
    }
}
