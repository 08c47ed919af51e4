using System.Net;
using Edge.Acme;
using Edge.Certificates;
using Edge.Dns.Wire;

namespace Edge.AcmeServer;

/// <summary>
/// Proves that who asks holds a name. The name has to lead to the client, as the LAN sees it, and only the client's own address
/// is ever connected to: this server cannot be made to call anybody else.
/// </summary>
internal sealed class ChallengeValidator(AcmeServerSetup setup, HttpChallenge http, TlsAlpnChallenge tls)
{
    private const int Attempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The challenges there are: for wildcards DNS alone (RFC 8555 §8.3, RFC 8737 §3), for addresses all but DNS (RFC 8738 §7).</summary>
    public static IEnumerable<string> Types(ServerAuthorization authorization) =>
        authorization.Wildcard ? ["dns-01"] : authorization.IsAddress ? ["http-01", "tls-alpn-01"] : ["http-01", "dns-01", "tls-alpn-01"];

    /// <summary>Null when the name is proven.</summary>
    /// <param name="type">The challenge.</param>
    /// <param name="name">Without "*."; or an address.</param>
    /// <param name="token">The challenge's token.</param>
    /// <param name="thumbprint">Of the account's key.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="cancel">The end of the run.</param>
    public async Task<ChallengeFailure?> ValidateAsync(string type, string name, string token, string thumbprint, IPAddress client, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var failure = await TryAsync(type, name, token, $"{token}.{thumbprint}", client, cancel);
            if (failure is null || !failure.MayPass || attempt == Attempts)
            {
                return failure;
            }

            await Task.Delay(Pause, setup.Time, cancel);
        }
    }

    private async Task<ChallengeFailure?> TryAsync(string type, string name, string token, string authorization, IPAddress client, CancellationToken cancel)
    {
        if (type == "dns-01")
        {
            return await TryDnsAsync(name, authorization, client, cancel);
        }

        return await LeadsElsewhereAsync(name, client, cancel)
            ?? (type == "http-01" ? await http.TryAsync(name, token, authorization, client, cancel) : await tls.TryAsync(name, authorization, client, cancel));
    }

    private async Task<ChallengeFailure?> LeadsElsewhereAsync(string name, IPAddress client, CancellationToken cancel)
    {
        // Only the client's own could be ordered.
        if (AcmeIdentifier.Of(name).IsAddress)
        {
            return null;
        }

        var host = Name.Parse(name);
        var data = await setup.Ask(host, client.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA, client, cancel);
        var addresses = data.Select(one => new IPAddress(one.Wire)).ToList();
        return addresses.Contains(client) ? null
            : new ChallengeFailure("dns", $"{name} leads to {(addresses.Count == 0 ? "no address" : string.Join(", ", addresses))}, and not to {client}, which asks for its certificate; give the device that name, or prove it by dns-01");
    }

    // RFC 8555 §8.4.
    private async Task<ChallengeFailure?> TryDnsAsync(string name, string authorization, IPAddress client, CancellationToken cancel)
    {
        var owner = ChallengeRecords.OwnerOf(name);
        // Many clients look for their record before it is there: what was remembered of that would fail them for as long as the zone says.
        var found = await setup.AskAnew(owner, RecordType.TXT, client, cancel);
        var wanted = RData.Text(ChallengeDigest.Text(authorization));
        return found.Contains(wanted) ? null
            : new ChallengeFailure("dns", found.IsEmpty ? $"there is no TXT record at {owner}" : $"none of the {found.Length} TXT records at {owner} is the one of this challenge");
    }
}
