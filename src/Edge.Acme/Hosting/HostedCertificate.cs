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

    /// <summary>When the last failure was.</summary>
    public DateTimeOffset LastTry { get; private set; }

    /// <summary>Not before this time.</summary>
    public DateTimeOffset NextTry { get; private set; }

    /// <summary>When the CA wants it renewed; null when it has not said so.</summary>
    public RenewalWindow? Window { get; private set; }

    /// <summary>When the CA is asked about the window again.</summary>
    public DateTimeOffset NextLook { get; private set; }

    /// <summary>When it is to be ordered. A failure in the future says that the clock was set back: then no plan made by it holds.</summary>
    public DateTimeOffset DueAt(DateTimeOffset now)
    {
        var renewAt = Leaf is null ? DateTimeOffset.MinValue : RenewalTime.Of(Leaf.NotBefore.ToUniversalTime(), Leaf.NotAfter.ToUniversalTime(), Window);
        return renewAt > NextTry || LastTry > now ? renewAt : NextTry;
    }

    /// <summary>Keeps a certificate; when it returns, a restart finds it.</summary>
    public void Take(IssuedCertificate issued)
    {
        // Chain and key in one file: there is no moment at which they do not belong together.
        _files.Write(_place + ".pem", issued.ChainPem + issued.KeyPem);
        Use(issued.ChainPem, issued.KeyPem);
        (Attempts, LastTry, NextTry, Window, NextLook) = (0, DateTimeOffset.MinValue, DateTimeOffset.MinValue, null, DateTimeOffset.MinValue);
        SaveState();
    }

    public void Failed(DateTimeOffset now, DateTimeOffset nextTry)
    {
        (Attempts, LastTry, NextTry) = (Attempts + 1, now, nextTry);
        SaveState();
    }

    /// <summary>The CA was asked about the window; what it said is found by a restart, which must not draw again (RFC 9773 §4.2).</summary>
    public void Looked(RenewalWindow? window, DateTimeOffset nextLook)
    {
        var isNew = window != Window;
        (Window, NextLook) = (window, nextLook);
        if (isNew)
        {
            SaveState();
        }
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
                LoadState(json.RootElement);
            }
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException or JsonException or IOException or UnauthorizedAccessException)
        {
            // A certificate that cannot be used, or read, is ordered again: no reason for the application not to start.
        }
    }

    private void LoadState(JsonElement state)
    {
        Attempts = Math.Max(0, Json.Number(state, "attempts") ?? 0);
        LastTry = Json.Time(state, "last-try") ?? DateTimeOffset.MinValue;
        NextTry = Json.Time(state, "next-try") ?? DateTimeOffset.MinValue;
        Window = Json.Time(state, "window-start") is { } start && Json.Time(state, "window-end") is { } end && Json.Time(state, "renew-at") is { } selected
            ? new RenewalWindow(start, end, selected, null)
            : null;
    }

    private void SaveState() => _files.Write(_place + ".json", Encoding.UTF8.GetString(Json.Write(writer =>
    {
        writer.WriteNumber("attempts", Attempts);
        writer.WriteString("last-try", LastTry);
        writer.WriteString("next-try", NextTry);
        if (Window is { } window)
        {
            writer.WriteString("window-start", window.Start);
            writer.WriteString("window-end", window.End);
            writer.WriteString("renew-at", window.Selected);
        }
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
