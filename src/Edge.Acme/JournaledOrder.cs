using System.Security.Cryptography;

namespace Edge.Acme;

/// <summary>An order under way.</summary>
/// <param name="Url">The order.</param>
/// <param name="Key">The key of the certificate to be; never the account's.</param>
internal sealed record JournaledOrder(Uri Url, ECDsa Key) : IDisposable
{
    // By the ladder that is two hours: what stands in front of a CA for longer may stand there for good.
    private const int MostStrays = 12;

    /// <summary>How often the CA sent us elsewhere, or showed a page, where it should have spoken of the order.</summary>
    public int Strays { get; init; }

    /// <summary>Whether its certificate was counted as made.</summary>
    public bool Counted { get; init; }

    /// <summary>Whether it is not to be asked for any more.</summary>
    public bool HasStrayed => Strays >= MostStrays;

    /// <summary>The same after an attempt that failed.</summary>
    public JournaledOrder After(Exception failure) => failure switch
    {
        AcmeException { Problem.Status: >= 200 and < 400 } or IssuanceException { IsAstray: true } => this with { Strays = Strays + 1 },
        IssuanceException { Issued: true } => this with { Counted = true },
        _ => this,
    };

    public void Dispose() => Key.Dispose();
}
