using System.Net;

namespace Edge.PortMapping.NatPmp;

/// <summary>Mappings by NAT-PMP (RFC 6886).</summary>
/// <param name="router">The router and its port.</param>
/// <param name="time">The clock.</param>
internal sealed class NatPmpClient(IPEndPoint router, TimeProvider time) : IRouterClient
{
    private readonly RouterSocket _socket = new(router, time);
    private readonly RouterEpoch _epoch = new(RouterEpoch.IsNatPmpForgotten, time);

    public string Protocol => "NAT-PMP";

    public event Action? Forgot;

    public async Task<MapAnswer> MapAsync(WantedMapping wanted, TimeSpan lifetime, CancellationToken cancel)
    {
        var (answer, isNobody) = await SendAsync(wanted, lifetime, cancel).ConfigureAwait(false);
        switch (answer)
        {
            case null:
                return isNobody ? MapAnswer.NotSpoken : MapAnswer.Silent;
            case { Result: NatPmpResult.Success } when answer.External != wanted.External:
                // Section 3.3: it gives another port when this one is taken. Nobody would look for us there.
                await SendAsync(wanted, TimeSpan.Zero, cancel).ConfigureAwait(false);
                return MapAnswer.Taken($"another device has the port; the router offers {answer.External} instead");
            case { Result: NatPmpResult.Success }:
                return new MapAnswer(MapOutcome.Made) { Lifetime = answer.Lifetime };
            default:
                return Refusal(answer.Result);
        }
    }

    public async Task<bool> RemoveAsync(WantedMapping made, CancellationToken cancel) =>
        (await SendAsync(made, TimeSpan.Zero, cancel).ConfigureAwait(false)).Answer?.Result == NatPmpResult.Success;

    public async Task<AddressAnswer> AskAddressAsync(IReadOnlyList<WantedMapping> made, CancellationToken cancel)
    {
        var bytes = await _socket.AskAsync(NatPmpMessage.AddressRequest(), static answer => NatPmpMessage.ReadAddress(answer) is not null, cancel).ConfigureAwait(false);
        if (bytes is null or [])
        {
            return AddressAnswer.Silent;
        }

        var answer = NatPmpMessage.ReadAddress(bytes)!;
        Take(answer);
        return answer.Result is NatPmpResult.UnsupportedVersion or NatPmpResult.UnsupportedOpcode ? AddressAnswer.Silent : new AddressAnswer(answer.Address, HasAnswered: true);
    }

    public void Dispose() => _socket.Dispose();

    private static MapAnswer Refusal(NatPmpResult result) => result switch
    {
        NatPmpResult.UnsupportedVersion or NatPmpResult.UnsupportedOpcode => MapAnswer.NotSpoken,
        NatPmpResult.NotAuthorized => MapAnswer.Refused("the router does not allow it; look for \"allow port mapping\" or \"NAT-PMP\" in its settings"),
        NatPmpResult.NetworkFailure => MapAnswer.WithoutAddress,
        NatPmpResult.OutOfResources => MapAnswer.Refused("the router has no room for more mappings"),
        _ => MapAnswer.Refused($"the router said {result} ({(int)result})"),
    };

    private async Task<(NatPmpAnswer? Answer, bool IsNobody)> SendAsync(WantedMapping wanted, TimeSpan lifetime, CancellationToken cancel)
    {
        var bytes = await _socket.AskAsync(NatPmpMessage.MapRequest(wanted, lifetime), answer => IsFor(NatPmpMessage.ReadMap(answer, wanted.Protocol), wanted), cancel).ConfigureAwait(false);
        if (bytes is null or [])
        {
            return (null, bytes is not null);
        }

        var read = NatPmpMessage.ReadMap(bytes, wanted.Protocol)!;
        Take(read);
        return (read, false);
    }

    private static bool IsFor(NatPmpAnswer? answer, WantedMapping wanted) => answer is not null && (answer.Result != NatPmpResult.Success || answer.Internal == wanted.Internal);

    private void Take(NatPmpAnswer answer)
    {
        if (answer.Result != NatPmpResult.UnsupportedVersion && _epoch.Take(answer.Epoch))
        {
            Forgot?.Invoke();
        }
    }
}
