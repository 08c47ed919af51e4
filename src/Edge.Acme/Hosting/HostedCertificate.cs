using System.Collections.Immutable;
using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace Edge.Acme.Hosting;

/// <summary>One name of an application with what its CAs gave for it, and how obtaining goes.</summary>
/// <param name="name">The name.</param>
/// <param name="pairs">One for each CA, the one that is asked first in front.</param>
/// <param name="served">Shows it.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told what happens.</param>
internal sealed partial class HostedCertificate(string name, ImmutableArray<HostedPair> pairs, ServedCertificates served, TimeProvider time, ILogger logger) : IRenewal
{
    // What the ladder says is kept with the CA that is asked first.
    private readonly HostedPair _first = pairs[0];

    /// <inheritdoc/>
    public ImmutableArray<string> Names { get; } = [name];

    /// <inheritdoc/>
    public RenewalState State => _first.State;

    /// <inheritdoc/>
    public HeldCertificate? Held => Current?.Held;

    /// <inheritdoc/>
    public bool Forced => false;

    /// <summary>What a CA gave that is asked no more, or that nobody says the CA of; null for nothing. It is shown, and counts for nothing else.</summary>
    public HostedPair? Spare { get; init; }

    /// <summary>What handshakes show; null when there is nothing.</summary>
    public SslStreamCertificateContext? Context => IsGood(Current) || !IsGood(Spare) ? Current?.Context : Spare!.Context;

    /// <summary>When the CA is asked about the renewal again.</summary>
    public DateTimeOffset NextLook => Current?.State.NextLook ?? DateTimeOffset.MinValue;

    // Of several that are good the one that was obtained last: it was meant to take the place of the others.
    private HostedPair? Current => pairs.Where(pair => pair.Held is not null).MaxBy(pair => (pair.Held!.NotAfter > time.GetUtcNow(), pair.Obtained));

    /// <summary>When it is to be ordered. A failure in the future says that the clock was set back: then no plan made by it holds.</summary>
    public DateTimeOffset DueAt(DateTimeOffset now)
    {
        var renewAt = Held is { } held ? RenewalTime.Of(held.NotBefore, held.NotAfter, Current!.State.Window) : DateTimeOffset.MinValue;
        return State.MayTry(now) || renewAt > State.NextTry ? renewAt : State.NextTry!.Value;
    }

    /// <inheritdoc/>
    public ImmutableArray<Issuance> IssuancesOf(string issuer) => Of(issuer).State.Issued;

    /// <inheritdoc/>
    public bool Obtained(string issuer, IssuedCertificate issued, ImmutableArray<IssuerRest> resting)
    {
        var (pair, now) = (Of(issuer), time.GetUtcNow());
        pair.Use(issued);
        served.Publish(name, pair.Context!);
        Log.Obtained(logger, name, issuer, pair.Held!.NotAfter);
        var issuances = Issuance.Counting(pair.State.Issued, now).Add(new Issuance(now, RenewalTime.Of(pair.Held.NotBefore, pair.Held.NotAfter)));
        var isKept = Kept(() => pair.Keep(issued));
        Become(pair, RenewalState.Fresh with { LastTry = now, Obtained = now, Serial = pair.Held.Leaf.SerialNumber, Issued = issuances, Resting = pair == _first ? resting.RemoveAll(rest => rest.Issuer == issuer) : [] });
        if (pair != _first)
        {
            Become(_first, _first.State with { Attempts = 0, Reason = null, NextTry = null, Resting = resting });
        }

        return isKept;
    }

    /// <inheritdoc/>
    public void Spent(string issuer)
    {
        var (pair, now) = (Of(issuer), time.GetUtcNow());
        Become(pair, pair.State with { Issued = Issuance.Counting(pair.State.Issued, now).Add(Issuance.InVain(now)) });
    }

    /// <inheritdoc/>
    public void Failed(string reason, string? doubted, Func<int, TimeSpan> wait, ImmutableArray<IssuerRest> resting)
    {
        var (attempts, now) = (State.Attempts + 1, time.GetUtcNow());
        var next = now + wait(attempts);
        Log.Failed(logger, name, attempts, reason, next);
        Become(_first, State with { Attempts = attempts, Reason = reason, LastTry = now, NextTry = next, Doubted = doubted, Resting = resting });
    }

    /// <inheritdoc/>
    public void Release(TimeSpan pause)
    {
        var now = time.GetUtcNow();
        Become(_first, State with { LastTry = now, NextTry = now + pause });
    }

    /// <summary>The CA was asked about the renewal; what it said is found by a restart, which must not draw again (RFC 9773 §4.2).</summary>
    public void Looked(RenewalInfo? info, DateTimeOffset nextLook, Func<double> draw)
    {
        if (Current is { } pair)
        {
            Become(pair, pair.State with { Window = info is null ? pair.State.Window : RenewalWindow.Of(pair.State.Window, info, draw), NextLook = nextLook });
        }
    }

    private bool IsGood(HostedPair? pair) => pair?.Held is { } held && held.NotAfter > time.GetUtcNow();

    private HostedPair Of(string issuer) => pairs.First(pair => pair.Issuer == issuer);

    private void Become(HostedPair pair, RenewalState state) => Kept(() => pair.Become(state));

    // What the disk does not take holds in memory all the same.
    private bool Kept(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (IOException full)
        {
            Log.NotKept(logger, name, full.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4121, LogLevel.Information, "Certificate for {Name} obtained from {Issuer}, valid to {NotAfter:u}")]
        public static partial void Obtained(ILogger logger, string name, string issuer, DateTimeOffset notAfter);

        [LoggerMessage(4122, LogLevel.Warning, "Certificate for {Name} was not obtained: attempt {Attempt} failed: {Reason}; next attempt {NextTry:u}")]
        public static partial void Failed(ILogger logger, string name, int attempt, string reason, DateTimeOffset nextTry);

        [LoggerMessage(4123, LogLevel.Error, "What is known of the certificate for {Name} was not kept: {Reason}")]
        public static partial void NotKept(ILogger logger, string name, string reason);
    }
}
