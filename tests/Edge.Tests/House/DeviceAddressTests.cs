using System.Security.Cryptography.X509Certificates;
using Edge.Tests.HouseRules;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>RFC 8738: a device of the LAN gets a certificate for its address from Edge's own ACME server, with certbot's library.</summary>
public sealed class DeviceAddressTests(HouseLab lab) : IClassFixture<HouseLab>
{
    private const string Address = "192.168.77.99";
    private const string Address6 = "fd77:77::99";

    // Debian's own, which has the library: another python3 may stand before it on the PATH.
    private const string Python = "/usr/bin/python3";

    [Theory]
    [InlineData("http-01", Address)]
    [InlineData("tls-alpn-01", Address)]
    [InlineData("http-01", Address6)]
    [InlineData("tls-alpn-01", Address6)]
    public async Task A_device_gets_one_for_the_address_by_which_it_asks(string challenge, string address)
    {
        await using var edge = await StartAsync();
        var (said, file) = await OrderAsync(edge, challenge, address, address);
        Assert.Contains("offered ['http-01', 'tls-alpn-01']", said, StringComparison.Ordinal);
        Assert.True(File.Exists(file), $"{said}\n{edge.Output}");
        var root = Path.Combine(edge.Folder, "data", "ca", "root.crt");
        Assert.Contains($"{file}: OK", await Shell.OutputAsync("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_ip", address, "-CAfile", root, file), StringComparison.Ordinal);
        using var leaf = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(file));
        Assert.InRange(leaf.NotAfter, DateTime.Now.AddDays(6), DateTime.Now.AddDays(7));
        Assert.Contains($"Certificate for {address} made for {address}, valid to", edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.168.77.98", "is not the address that asks, 192.168.77.99")]
    [InlineData(HouseLab.BoxAddress, "is an address of this box")]
    [InlineData("127.0.0.1", "is an address that more than one machine has")]
    public async Task No_device_gets_one_for_another_address(string address, string reason)
    {
        await using var edge = await StartAsync();
        var (said, file) = await OrderAsync(edge, "http-01", Address, address);
        Assert.Contains(reason, said, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    private async Task<HouseEdge> StartAsync()
    {
        Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
        Shell.Need("openssl", "openssl");
        Assert.SkipUnless(File.Exists(Python) && await Shell.OutputAsync(Python, "-c", "import acme; print('there')") == "there", "certbot's library is not installed: apt-get install python3-acme");
        await lab.PlaceClientAsync();
        // A second address of each by IPv6, without the wait for a neighbour that has it too.
        await lab.Client.RunAsync("ip", "addr", "replace", $"{Address6}/64", "dev", "eth0", "nodad");
        await lab.Box.RunAsync("ip", "addr", "replace", "fd77:77::2/64", "dev", "eth0", "nodad");
        return await HouseEdge.StartAsync(lab, static usual => usual
            .Replace($"addresses: [{HouseLab.BoxAddress}]", $"addresses: [{HouseLab.BoxAddress}, \"fd77:77::2\"]", StringComparison.Ordinal)
            .Replace("https: [0.0.0.0:443]", "https: [\"[::]:443\"]", StringComparison.Ordinal) + "acme-server: on\n");
    }

    private async Task<(string Said, string File)> OrderAsync(HouseEdge edge, string challenge, string from, string address)
    {
        var file = Path.Combine(edge.Folder, "device.crt");
        var box = from.Contains(':', StringComparison.Ordinal) ? "[fd77:77::2]" : HouseLab.BoxAddress;
        var script = Path.Combine(Repository.Root, "tests", "Edge.Tests", "House", "acme_device.py");
        return (await lab.Client.RunAsync("timeout", "60", Python, script, $"https://{box}/acme/directory", Path.Combine(edge.Folder, "data", "ca", "root.crt"), challenge, address, file), file);
    }
}
