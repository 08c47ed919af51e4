using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Edge.Acme.Hosting;

/// <summary>What one CA gave for a name of an application, and how that goes on.</summary>
internal sealed class HostedPair
{
    private readonly IAcmeFiles _files;
    private readonly string _place;

    /// <param name="issuer">The CA.</param>
    /// <param name="name">The name.</param>
    /// <param name="files">The CA's files.</param>
    /// <param name="earlier">Where an earlier version kept them: read where there is nothing better, and never written. Null for nowhere.</param>
    public HostedPair(string issuer, string name, IAcmeFiles files, IAcmeFiles? earlier = null)
    {
        (Issuer, _files) = (issuer, files);
        _place = "certificates/" + name.Replace("*", "wildcard_", StringComparison.Ordinal);
        var state = StateOf(files);
        LoadCertificate(files);
        if (earlier is not null && LoadCertificate(earlier))
        {
            // What a CA said of one certificate does not hold for another.
            state = state is null ? StateOf(earlier) : state with { Window = null };
        }

        State = state ?? RenewalState.Fresh;
    }

    public string Issuer { get; }

    public RenewalState State { get; private set; } = RenewalState.Fresh;

    public HeldCertificate? Held { get; private set; }

    public SslStreamCertificateContext? Context { get; private set; }

    /// <summary>When it was obtained, as far as that is known.</summary>
    public DateTimeOffset Obtained => Held is null ? DateTimeOffset.MinValue : State.Obtained > Held.NotBefore ? State.Obtained.Value : Held.NotBefore;

    /// <summary>Shows a certificate from now on.</summary>
    /// <exception cref="CryptographicException">It is no chain and its key; nothing was changed.</exception>
    public void Use(IssuedCertificate issued)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(issued.ChainPem);
        using var key = ECDsa.Create();
        key.ImportFromPem(issued.KeyPem);
        using var bare = chain[0].CopyWithPrivateKey(key);
        var leaf = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
        chain.RemoveAt(0);
        Context = CertificateContext.Of(leaf, chain);
        Held = new HeldCertificate(Issuer, leaf, leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
    }

    /// <summary>Keeps a certificate; when it returns, a restart finds it.</summary>
    /// <exception cref="IOException">It was not written.</exception>
    public void Keep(IssuedCertificate issued) =>
        // Chain and key in one file: there is no moment at which they do not belong together.
        _files.Write(_place + ".pem", issued.ChainPem + issued.KeyPem);

    /// <summary>How it goes from now on.</summary>
    /// <exception cref="IOException">It was not written, and holds until a restart.</exception>
    public void Become(RenewalState state)
    {
        State = state;
        _files.Write(_place + ".json", Encoding.UTF8.GetString(Json.Write(writer => RenewalStateJson.Write(writer, state))) + "\n");
    }

    // By themselves: a state that is broken, as where the power failed, takes no certificate with it, and the other way round.
    private RenewalState? StateOf(IAcmeFiles files)
    {
        try
        {
            if (files.Read(_place + ".json") is { } state)
            {
                using var json = JsonDocument.Parse(state);
                return RenewalStateJson.Read(json.RootElement);
            }
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            // It begins anew.
        }

        return null;
    }

    // The one that ends last, of those there are.
    private bool LoadCertificate(IAcmeFiles files)
    {
        try
        {
            if (files.Read(_place + ".pem") is { } pem && pem.IndexOf("-----BEGIN PRIVATE KEY", StringComparison.Ordinal) is > 0 and var at)
            {
                using var leaf = X509Certificate2.CreateFromPem(pem);
                if ((Held is null || leaf.NotAfter.ToUniversalTime() > Held.NotAfter) && (TestAuthorities.IsTest(Issuer) || !TestAuthorities.IsOfTest(leaf)))
                {
                    Use(new IssuedCertificate(pem[..at], pem[at..]));
                    return true;
                }
            }
        }
        catch (Exception broken) when (IsBroken(broken))
        {
            // A certificate that cannot be used, or read, is ordered again: no reason for the application not to start.
        }

        return false;
    }

    private static bool IsBroken(Exception broken) => broken is CryptographicException or ArgumentException or JsonException or IOException or UnauthorizedAccessException;
}
