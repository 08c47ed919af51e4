using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Edge.Acme.Hosting;

/// <summary>One name of an application with what is known of its certificate.</summary>
internal sealed class HostedCertificate
{
    private readonly IAcmeFiles _files;
    private readonly string _place;

    public HostedCertificate(string name, IAcmeFiles files)
    {
        (Name, _files) = (name, files);
        _place = "certificates/" + name.Replace("*", "wildcard_", StringComparison.Ordinal);
        Load();
    }

    public string Name { get; }

    public X509Certificate2? Leaf { get; private set; }

    public SslStreamCertificateContext? Context { get; private set; }

    /// <summary>Failures since the last success.</summary>
    public int Attempts { get; private set; }

    /// <summary>Not before this time.</summary>
    public DateTimeOffset NextTry { get; private set; }

    public RenewalWindow? Window { get; set; }

    /// <summary>When the CA is asked about the window again.</summary>
    public DateTimeOffset NextLook { get; set; }

    public DateTimeOffset DueAt
    {
        get
        {
            var renewAt = Leaf is null ? DateTimeOffset.MinValue : RenewalTime.Of(Leaf.NotBefore.ToUniversalTime(), Leaf.NotAfter.ToUniversalTime(), Window);
            return renewAt > NextTry ? renewAt : NextTry;
        }
    }

    /// <summary>Keeps a certificate; when it returns, a restart finds it.</summary>
    public void Take(IssuedCertificate issued)
    {
        // Chain and key in one file: there is no moment at which they do not belong together.
        _files.Write(_place + ".pem", issued.ChainPem + issued.KeyPem);
        Use(issued.ChainPem, issued.KeyPem);
        (Attempts, NextTry, Window, NextLook) = (0, DateTimeOffset.MinValue, null, DateTimeOffset.MinValue);
        SaveState();
    }

    public void Failed(DateTimeOffset nextTry)
    {
        (Attempts, NextTry) = (Attempts + 1, nextTry);
        SaveState();
    }

    private void Load()
    {
        try
        {
            if (_files.Read(_place + ".pem") is { } pem && pem.IndexOf("-----BEGIN PRIVATE KEY", StringComparison.Ordinal) is > 0 and var at)
            {
                Use(pem[..at], pem[at..]);
            }

            if (_files.Read(_place + ".json") is { } state)
            {
                using var json = JsonDocument.Parse(state);
                Attempts = Math.Max(0, Json.Number(json.RootElement, "attempts") ?? 0);
                NextTry = Json.Time(json.RootElement, "next-try") ?? DateTimeOffset.MinValue;
            }
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException or JsonException)
        {
            // A certificate that cannot be used is ordered again.
        }
    }

    private void SaveState() => _files.Write(_place + ".json", Encoding.UTF8.GetString(Json.Write(writer =>
    {
        writer.WriteNumber("attempts", Attempts);
        writer.WriteString("next-try", NextTry);
    })) + "\n");

    private void Use(string chainPem, string keyPem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(chainPem);
        using var key = ECDsa.Create();
        key.ImportFromPem(keyPem);
        using var bare = chain[0].CopyWithPrivateKey(key);
        var leaf = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
        chain.RemoveAt(0);
        (Leaf, Context) = (leaf, CertificateContext.Of(leaf, chain));
    }
}
