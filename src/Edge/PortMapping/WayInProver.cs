using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.PortMapping.Reach;

namespace Edge.PortMapping;

/// <summary>Asks where we come from, and has it tried whether that leads here; remembers what came of it until it is time to try again.</summary>
internal sealed class WayInProver(string host, WayInTokens tokens, EchoClient echo, DialBack dial, TimeProvider time)
{
    private static readonly TimeSpan Confirm = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (WayInProof Proof, DateTimeOffset Next, TimeSpan Pause)> _proofs = [];
    private ImmutableArray<IPAddress> _echoed = [];
    private DateTimeOffset _nextQuestion;

    /// <summary>Forgets all: whatever was so may be otherwise.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _proofs.Clear();
            _nextQuestion = default;
        }
    }

    /// <summary>What is known now, without asking.</summary>
    public WayInFacts Known(WayInFacts facts, PortMappingOptions options)
    {
        lock (_gate)
        {
            return facts with { Echoed = options.Echo is null ? [] : _echoed, Proofs = [.. _proofs.Values.Select(known => known.Proof)] };
        }
    }

    /// <summary>Asks what has to be asked now. One caller at a time; what is cancelled leaves nothing behind.</summary>
    /// <returns>Whether anything was asked.</returns>
    public async Task<bool> AskAsync(WayInFacts facts, PortMappingOptions options, CancellationToken cancel)
    {
        var isAsked = false;
        if (options.Echo is { } url && time.GetUtcNow() >= _nextQuestion)
        {
            isAsked = true;
            await QuestionAsync(url, facts, cancel).ConfigureAwait(false);
        }

        var known = Known(facts, options);
        foreach (var address in (IPAddress?[])[known.Candidate, known.Candidate6])
        {
            if (address is not null && options.Https is { } port && IsDue(address))
            {
                isAsked = true;
                Take(address, await ProveAsync(new IPEndPoint(address, port), known, options, cancel).ConfigureAwait(false), cancel);
            }
        }

        lock (_gate)
        {
            foreach (var old in _proofs.Keys.Where(address => !address.Equals(known.Candidate) && !address.Equals(known.Candidate6)).ToList())
            {
                _proofs.Remove(old);
            }
        }

        return isAsked;
    }

    private bool IsDue(IPAddress address)
    {
        lock (_gate)
        {
            return !_proofs.TryGetValue(address, out var before) || time.GetUtcNow() >= before.Next;
        }
    }

    private void Take(IPAddress address, WayInProof proof, CancellationToken cancel)
    {
        lock (_gate)
        {
            cancel.ThrowIfCancellationRequested();
            var before = _proofs.GetValueOrDefault(address);
            var pause = proof.Verdict == WayInVerdict.Proven ? Confirm : before.Proof?.Verdict == proof.Verdict ? TimeSpan.FromTicks(Math.Min(Confirm.Ticks, before.Pause.Ticks * 2)) : First;
            _proofs[address] = (proof, time.GetUtcNow() + pause, pause);
        }
    }

    private async Task QuestionAsync(Uri url, WayInFacts facts, CancellationToken cancel)
    {
        var found = _echoed.ToList();
        foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, .. facts.Candidate6 is null ? ReadOnlySpan<AddressFamily>.Empty : [AddressFamily.InterNetworkV6]])
        {
            // An echo that does not answer takes nothing away, and one that names an address of the house says nothing.
            if (await echo.AskAsync(url, family, cancel).ConfigureAwait(false) is { } answer && AddressScope.IsPublic(answer.Address))
            {
                found.RemoveAll(address => address.AddressFamily == family);
                found.Add(answer.Address);
            }
        }

        lock (_gate)
        {
            cancel.ThrowIfCancellationRequested();
            _nextQuestion = time.GetUtcNow() + AskEvery;
            _echoed = [.. found];
        }
    }

    private async Task<WayInProof> ProveAsync(IPEndPoint at, WayInFacts facts, PortMappingOptions options, CancellationToken cancel)
    {
        var token = tokens.Open();
        var isOpen = true;
        try
        {
            if (options.Echo is { } url && await echo.TryAsync(url, at.AddressFamily, at.Port, host, token, cancel).ConfigureAwait(false) is { HasTried: true } tried && tried.Address.Equals(at.Address))
            {
                isOpen = false;
                var by = $"{url.Host}, which tried port {at.Port} from outside,";
                return tokens.Close(token) && tried.Hindrance is null
                    ? new WayInProof(at, WayInVerdict.Proven, $"{url.Host} came in by port {at.Port}", null)
                    : new WayInProof(at, WayInVerdict.Disproved, by, tried.Hindrance ?? "another Edge");
            }

            // To an address of this machine itself every way is short.
            if (facts.Own.Contains(at.Address))
            {
                return new WayInProof(at, WayInVerdict.Unproven, "nobody outside was asked, which", "nothing");
            }

            var hindrance = await dial.TryAsync(at, host, token, cancel).ConfigureAwait(false);
            isOpen = false;
            return tokens.Close(token) && hindrance is null
                ? new WayInProof(at, WayInVerdict.Proven, $"the router led this machine back in by port {at.Port}", null)
                : new WayInProof(at, WayInVerdict.Unproven, $"this machine, which tried port {at.Port} from inside,", hindrance ?? "another Edge");
        }
        finally
        {
            if (isOpen)
            {
                tokens.Close(token);
            }
        }
    }
}
