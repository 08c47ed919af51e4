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

    public DateTimeOffset LastTry { get; private set; }

    public RenewalWindow? Window { get; private set; }

    /// <summary>When the CA is asked about the window again.</summary>
    public DateTimeOffset NextLook { get; private set; }

    /// <summary>When it is to be ordered. A last try in the future says that the clock was set back: then the plan is void.</summary>
    public DateTimeOffset DueAt(DateTimeOffset now)
    {
        var renewAt = Leaf is null ? DateTimeOffset.MinValue : RenewalTime.Of(Leaf.NotBefore.ToUniversalTime(), Leaf.NotAfter.ToUniversalTime(), Window);
        return renewAt > NextTry || LastTry > now ? renewAt : NextTry;
    }

    /// <summary>Keeps when the CA wants it renewed, and when it is asked again: a restart draws no other moment and asks no sooner.</summary>
    public void Plan(RenewalWindow? window, DateTimeOffset nextLook)
    {
        (Window, NextLook) = (window, nextLook);
        SaveState();
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

    public void Failed(DateTimeOffset now, DateTimeOffset nextTry)
    {
        (Attempts, LastTry, NextTry) = (Attempts + 1, now, nextTry);
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
                LastTry = Json.Time(json.RootElement, "last-try") ?? DateTimeOffset.MinValue;
                NextLook = Json.Time(json.RootElement, "next-look") ?? DateTimeOffset.MinValue;
                var window = Json.Member(json.RootElement, "window") ?? default;
                Window = Json.Time(window, "start") is { } start && Json.Time(window, "end") is { } end && Json.Time(window, "selected") is { } selected
                    ? new RenewalWindow(start, end, selected, Json.Text(window, "explanation")) : null;
            }
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException or JsonException or IOException)
        {
            // A certificate that cannot be used is ordered again; no application stands still for it.
        }
    }

    private void SaveState() => _files.Write(_place + ".json", Encoding.UTF8.GetString(Json.Write(writer =>
    {
        writer.WriteNumber("attempts", Attempts);
        writer.WriteString("last-try", LastTry);
        writer.WriteString("next-try", NextTry);
        writer.WriteString("next-look", NextLook);
        if (Window is { } window)
        {
            writer.WriteStartObject("window");
            writer.WriteString("start", window.Start);
            writer.WriteString("end", window.End);
            writer.WriteString("selected", window.Selected);
            Json.WriteText(writer, "explanation", window.Explanation);
            writer.WriteEndObject();
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
