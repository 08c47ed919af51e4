using System.Net;

namespace Edge.PortMapping.Pcp;

/// <summary>Mappings by PCP (RFC 6887).</summary>
/// <param name="router">The router and its port.</param>
/// <param name="nonce">Shows that mappings are ours, after a restart as well.</param>
/// <param name="lifetime">How long a mapping is asked for.</param>
/// <param name="time">The clock.</param>
internal sealed class PcpClient(IPEndPoint router, byte[] nonce, TimeSpan lifetime, TimeProvider time) : IRouterClient
{
    private readonly RouterSocket _socket = new(router, time);
    private readonly RouterEpoch _epoch = new(RouterEpoch.IsPcpForgotten, time);
    private bool _knowsPreferFailure = true;

    public string Protocol => "PCP";

    public event Action? Forgot;

    public async Task<MapAnswer> MapAsync(WantedMapping wanted, TimeSpan wish, CancellationToken cancel)
    {
        var (answer, isNobody) = await SendAsync(wanted, wish, _knowsPreferFailure, cancel).ConfigureAwait(false);
        if (answer?.Result == PcpResult.UnsupportedOption && _knowsPreferFailure)
        {
            _knowsPreferFailure = false;
            (answer, isNobody) = await SendAsync(wanted, wish, isExact: false, cancel).ConfigureAwait(false);
        }

        switch (answer)
        {
            case null:
                return isNobody ? MapAnswer.NotSpoken : MapAnswer.Silent;
            case { Result: PcpResult.Success } when answer.External != wanted.External:
                // Without PREFER_FAILURE it may give another port, at which nobody would look for us.
                await SendAsync(wanted, TimeSpan.Zero, isExact: false, cancel).ConfigureAwait(false);
                return MapAnswer.Taken($"the router offers port {answer.External} instead");
            case { Result: PcpResult.Success }:
                return new MapAnswer(MapOutcome.Made) { Lifetime = answer.Lifetime, Address = answer.Address };
            default:
                return Refusal(answer.Result);
        }
    }

    public async Task<bool> RemoveAsync(WantedMapping made, CancellationToken cancel) =>
        (await SendAsync(made, TimeSpan.Zero, isExact: false, cancel).ConfigureAwait(false)).Answer?.Result == PcpResult.Success;

    // PCP has no question for the address alone; a mapping that is prolonged says it (RFC 6887 section 11.2).
    public async Task<AddressAnswer> AskAddressAsync(IReadOnlyList<WantedMapping> made, CancellationToken cancel)
    {
        if (made.Count == 0)
        {
            return AddressAnswer.Silent;
        }

        var (answer, _) = await SendAsync(made[0], lifetime, _knowsPreferFailure, cancel).ConfigureAwait(false);
        if (answer is { Result: not PcpResult.Success })
        {
            Forgot?.Invoke();
        }

        return answer is null ? AddressAnswer.Silent : new AddressAnswer(answer.Result == PcpResult.Success ? answer.Address : null, HasAnswered: true);
    }

    public void Dispose() => _socket.Dispose();

    private static MapAnswer Refusal(PcpResult result) => result switch
    {
        PcpResult.UnsupportedVersion or PcpResult.UnsupportedOpcode => MapAnswer.NotSpoken,
        PcpResult.CannotProvideExternal => MapAnswer.Taken("the router has given the port to another device, or uses it itself"),
        PcpResult.NotAuthorized => MapAnswer.Refused("the router does not allow it; look for \"allow port mapping\" or \"UPnP/PCP\" in its settings"),
        PcpResult.NetworkFailure => MapAnswer.WithoutAddress,
        PcpResult.NoResources => MapAnswer.Refused("the router has no room for more mappings; some say so too when they have no address on the internet"),
        PcpResult.UserExceededQuota => MapAnswer.Refused("the router lets this machine have no more mappings"),
        PcpResult.AddressMismatch => MapAnswer.Refused("there is another translation of addresses between this machine and the router, as in a container's network"),
        _ => MapAnswer.Refused($"the router said {result} ({(int)result})"),
    };

    private async Task<(PcpMapAnswer? Answer, bool IsNobody)> SendAsync(WantedMapping wanted, TimeSpan wish, bool isExact, CancellationToken cancel)
    {
        var request = PcpMessage.MapRequest(_socket.Local, nonce, wanted, wish, isExact);
        var bytes = await _socket.AskAsync(request, answer => PcpMessage.ReadMap(answer) is { } read && IsFor(read, wanted), cancel).ConfigureAwait(false);
        if (bytes is null or [])
        {
            return (null, bytes is not null);
        }

        var read = PcpMessage.ReadMap(bytes)!;
        if (read.Result != PcpResult.UnsupportedVersion && _epoch.Take(read.Epoch))
        {
            Forgot?.Invoke();
        }

        return (read, false);
    }

    // RFC 6887 section 8.3 and 11.4: what does not match is of somebody else, or of an earlier question.
    private bool IsFor(PcpMapAnswer answer, WantedMapping wanted) =>
        answer.Nonce.Length == 0
            ? answer.Result != PcpResult.Success
            : answer.Nonce.AsSpan().SequenceEqual(nonce) && answer.Protocol == wanted.Protocol && answer.Internal == wanted.Internal;
}
