using System.Text.RegularExpressions;

namespace Edge.Tests.Whole;

/// <summary>client-cert: edge, from the shell: certificates for phones and laptops without another CA.</summary>
public sealed class OwnClientCertificateTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_gets_in_with_the_certificate_that_was_made_for_it_until_it_is_taken_back(bool published)
    {
        Shell.Need("curl", "curl");
        Shell.Need("openssl", "openssl");
        Assert.SkipWhen(published && EdgeProcess.PublishedBinary is null, "there is no published binary (EDGE_BINARY): test.sh makes one where a linker is (apt-get install clang zlib1g-dev)");
        await using var edge = EdgeProcess.InExampleFolder(published ? EdgeProcess.PublishedBinary : null);
        await using var backend = await Gateway.Backend.EchoingAsync();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "door.yaml"), $$"""
            services:
              door: { to: "{{backend.Uri}}", client-cert: edge }
            """);
        await edge.StartAsync();
        var (anna, ben) = (await MakeAsync(edge, "anna's phone"), await MakeAsync(edge, "ben", "--days", "30"));
        var root = Path.Combine(edge.Folder, "data", "ca", "root.crt");
        Assert.Contains($"{anna}: OK", await Shell.OutputAsync("openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", root, anna), StringComparison.Ordinal);
        Assert.Contains("error", await Shell.OutputAsync("openssl", "verify", "-purpose", "sslserver", "-CAfile", root, anna), StringComparison.Ordinal);

        Assert.Contains("Client-Cert-Subject: CN=anna's phone", await AskAsync(edge, anna), StringComparison.Ordinal);
        Assert.Contains("has shown none", await AskAsync(edge, null), StringComparison.Ordinal);
        // A certificate for servers of the same CA opens nothing.
        var served = Directory.GetFiles(Path.Combine(edge.Folder, "data", "certificates", "internal"), "*.crt", SearchOption.AllDirectories).First();
        var server = Path.Combine(edge.Folder, "server.pem");
        await File.WriteAllTextAsync(server, await File.ReadAllTextAsync(served) + await File.ReadAllTextAsync(Path.ChangeExtension(served, ".key")));
        Assert.Contains("not for clients", await AskAsync(edge, server), StringComparison.Ordinal);

        Assert.Matches(@"anna's phone \(serial [0-9A-F]+\) is revoked", (await edge.CommandAsync("certs", "revoke-client", "anna's phone")).Output);
        await RefusedAsync(edge, anna);
        Assert.Contains("Client-Cert-Subject: CN=ben", await AskAsync(edge, ben), StringComparison.Ordinal);
        Assert.Matches(@"ben +[0-9A-F]{32} +\S+ \S+ +-", (await edge.CommandAsync("certs", "clients")).Output);

        // It holds over a start, also when the list was lost.
        await edge.StopAsync();
        File.Delete(Path.Combine(edge.Folder, "data", "ca", "clients.crl"));
        await edge.StartAsync();
        Assert.Contains("was revoked on", await AskAsync(edge, anna), StringComparison.Ordinal);
        var serial = Regex.Match((await edge.CommandAsync("certs", "clients")).Output, @"ben +([0-9A-F]{32})").Groups[1].Value;
        Assert.Contains("is revoked", (await edge.CommandAsync("certs", "revoke-client", serial.ToLowerInvariant())).Output, StringComparison.Ordinal);
        await RefusedAsync(edge, ben);
        var unknown = await edge.CommandAsync("certs", "revoke-client", "anna's phone");
        Assert.NotEqual(0, unknown.ExitCode);
        Assert.Contains("no client's certificate that is good has the name", unknown.Output, StringComparison.Ordinal);
        Assert.NotEqual(0, (await edge.CommandAsync("certs", "client", "anna", "--days", "0")).ExitCode);
    }

    private static async Task<string> MakeAsync(EdgeProcess edge, string name, params string[] more)
    {
        var file = Path.Combine(edge.Folder, $"{name.Split('\'')[0]}.pem");
        var made = await edge.CommandAsync(["certs", "client", name, .. more]);
        Assert.True(made.ExitCode == 0, made.Output);
        await File.WriteAllTextAsync(file, made.Output);
        return file;
    }

    private static Task RefusedAsync(EdgeProcess edge, string file) =>
        Eventually.TrueAsync(async () => (await AskAsync(edge, file)).Contains("was revoked on", StringComparison.Ordinal), () => edge.Output);

    private static Task<string> AskAsync(EdgeProcess edge, string? file)
    {
        string[] shown = file is null ? [] : ["--cert", file];
        return Shell.OutputAsync("curl", ["-s", "--cacert", Path.Combine(edge.Folder, "data", "ca", "root.crt"), "--connect-to", $"::127.0.0.1:{edge.Https}", .. shown, "https://door.nas.example.com/"]);
    }
}
