using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Edge.Outward;

/// <summary>
/// dyndns2: one GET, one word. There is no mark: what the account may change is its owner's. What the words forbid is not
/// done: nobody is asked again who said that the password is wrong, or that too much is sent.
/// </summary>
internal sealed class Dyndns2Way(HttpClient http) : IOutwardWay
{
    // What 911 asks for.
    private static readonly TimeSpan Trouble = TimeSpan.FromMinutes(30);

    public async Task<PushResult> PushAsync(OutwardName name, PushedAddresses addresses, bool hasSent, string secret, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, AddressOf(name, addresses));
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name.User}:{secret}")));
        using var answer = await http.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        var word = text.Split([' ', '\t', '\r', '\n'], 2, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
        return word switch
        {
            "good" => new PushResult(PushOutcome.Sent),
            "nochg" => new PushResult(PushOutcome.Unchanged),
            "badauth" => PushResult.Refused("badauth: the user or the password is wrong"),
            "!donator" => PushResult.Refused("!donator: the account may not do this"),
            "notfqdn" => PushResult.Refused("notfqdn: the name is not a full one there"),
            "nohost" or "!yours" => PushResult.Refused($"{word}: the name is not this account's"),
            "numhost" => PushResult.Refused("numhost: too many names"),
            "abuse" => PushResult.Refused("abuse: the name is blocked there for too many updates"),
            "badagent" => PushResult.Refused("badagent: this client is not liked there"),
            "dnserr" or "911" => PushResult.Failed($"{word}: there is trouble on the other side", Trouble),
            _ when answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => PushResult.Refused($"status {(int)answer.StatusCode}: the user or the password is wrong"),
            _ when ApiClient.After(answer) is { } after => PushResult.Failed($"status {(int)answer.StatusCode}", after),
            _ => PushResult.Failed($"status {(int)answer.StatusCode}, and no word of dyndns2"),
        };
    }

    // A URL with {name}, {ipv4} or {ipv6} is the whole of it; else it gets the usual parameters.
    private static Uri AddressOf(OutwardName name, PushedAddresses addresses)
    {
        var url = name.Url!.OriginalString;
        return url.Contains('{')
            ? new Uri(url.Replace("{name}", name.Host, StringComparison.Ordinal).Replace("{ipv4}", addresses.IPv4 ?? "", StringComparison.Ordinal).Replace("{ipv6}", addresses.IPv6 ?? "", StringComparison.Ordinal))
            : new Uri($"{name.Url.OriginalString}{(name.Url.Query.Length > 0 ? '&' : '?')}hostname={name.Host}&myip={string.Join(',', ((string?[])[addresses.IPv4, addresses.IPv6]).OfType<string>())}");
    }
}
