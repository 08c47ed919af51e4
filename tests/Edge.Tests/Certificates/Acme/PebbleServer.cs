using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Edge.Dns.Tests.Interop;
using Edge.Tests.House;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>
/// A real Pebble on free ports of the loopback or, in a lab, of the address of its resolver. It refuses half of all good nonces
/// unless told otherwise, forgets everything when it is killed, and can be started again.
/// </summary>
internal sealed class PebbleServer : IDisposable
{
    private readonly string _folder;
    private readonly IPEndPoint _dns;
    private readonly int _port = FreePorts.Next();
    private readonly int _managementPort = FreePorts.Next();
    private readonly int _validitySeconds;
    private readonly LabHost? _host;
    private readonly IPAddress _address;
    private Process? _process;

    public PebbleServer(string folder, IPEndPoint dns, int validitySeconds, LabHost? host = null)
    {
        (_host, _address) = (host, host is null ? IPAddress.Loopback : dns.Address);
        _folder = folder;
        _dns = dns;
        RootFile = Path.Combine(folder, "pebble.crt");
        _validitySeconds = validitySeconds;
        MakeServerCertificate();
    }

    /// <summary>Where it looks for http-01 instead of port 80.</summary>
    public int HttpPort { get; init; } = FreePorts.Next();

    /// <summary>Where it looks for tls-alpn-01 instead of port 443.</summary>
    public int TlsPort { get; init; } = FreePorts.Next();

    /// <summary>The one customer it takes: the key's name, and the key in base64url. Null: everybody.</summary>
    public (string Id, string Key)? Customer { get; init; }

    /// <summary>How many other roots vouch for the same certificates.</summary>
    public int OtherRoots { get; init; }

    public Uri Directory => new($"https://{_address}:{_port}/dir");

    /// <summary>What vouches for the directory's own TLS certificate.</summary>
    public string RootFile { get; }

    /// <summary>How many of a hundred good nonces it refuses.</summary>
    public int RefusedNonces { get; init; } = 50;

    public string Output { get; private set; } = "";

    public async Task StartAsync()
    {
        WriteSettings();
        string[] command = [.. _host?.Inside ?? [], "pebble", "-config", Path.Combine(_folder, "pebble.json"), "-dnsserver", _dns.ToString()];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PEBBLE_VA_NOSLEEP"] = "1", ["PEBBLE_WFE_NONCEREJECT"] = $"{RefusedNonces}", ["PEBBLE_AUTHZREUSE"] = "0", ["PEBBLE_ALTERNATE_ROOTS"] = $"{OtherRoots}" },
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("Pebble is not installed: apt-get install pebble");
        }

        _process.OutputDataReceived += (_, line) => Output += line.Data + "\n";
        _process.ErrorDataReceived += (_, line) => Output += line.Data + "\n";
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Whole.Eventually.TrueAsync(IsUpAsync, () => $"Pebble did not start: {Output}");
    }

    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
        _process?.Dispose();
        _process = null;
    }

    /// <summary>From now on it takes connections and says nothing.</summary>
    public void Freeze()
    {
        using var stop = Process.Start("kill", ["-STOP", $"{_process!.Id}"]);
        stop.WaitForExit();
    }

    /// <summary>The root of this run in PEM.</summary>
    /// <param name="number">0, or one of <see cref="OtherRoots"/>.</param>
    public Task<string> RootPemAsync(int number = 0) => AskAsync(new Uri($"https://{_address}:{_managementPort}/roots/{number}"));

    /// <summary>What it thinks of a certificate: "Valid" or "Revoked".</summary>
    public Task<string> StatusAsync(string serial) => AskAsync(new Uri($"https://{_address}:{_managementPort}/cert-status-by-serial/{serial.TrimStart('0').ToLowerInvariant()}"));

    public void Dispose() => Kill();

    private void WriteSettings() => File.WriteAllText(Path.Combine(_folder, "pebble.json"), $$"""
        {"pebble":{"listenAddress":"{{_address}}:{{_port}}","managementListenAddress":"{{_address}}:{{_managementPort}}","certificate":"{{RootFile}}","privateKey":"{{_folder}}/pebble.key",
         "httpPort":{{HttpPort}},"tlsPort":{{TlsPort}},"ocspResponderURL":"","externalAccountBindingRequired":{{(Customer is null ? "false" : "true")}},
         "externalAccountMACKeys":{ {{(Customer is { } customer ? $"\"{customer.Id}\":\"{customer.Key}\"" : "")}} },"certificateValidityPeriod":{{_validitySeconds}} } }
        """);

    private async Task<bool> IsUpAsync()
    {
        try
        {
            using var answer = JsonDocument.Parse(await AskAsync(Directory));
            return true;
        }
        catch (Exception absent) when (absent is HttpRequestException or JsonException)
        {
            return false;
        }
    }

    private async Task<string> AskAsync(Uri url)
    {
        if (_host is not null)
        {
            return await _host.RunAsync("curl", "-sk", url.AbsoluteUri);
        }

        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        return await http.GetStringAsync(url, TestContext.Current.CancellationToken);
    }

    private void MakeServerCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(_address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(RootFile, certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "pebble.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
