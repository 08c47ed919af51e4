using Edge.Dns.Views;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>
/// What goes on between this server and the client beside the question: cookies, NSID, keepalive, padding, the
/// client's subnet, and the limit of answers to those who may be forged. Allocates nothing.
/// </summary>
internal sealed class OptionDesk(NameserverOptions options)
{
    private readonly AddressNetworks _trustedSubnetSources = new(options.TrustedSubnetSources);
    private readonly byte[] _nsid = [.. options.Nsid.Take(NameserverOptions.MaxNsid)];

    /// <summary>Reads a query's options and writes what this server says to them; false when one is malformed.</summary>
    /// <param name="data">The data of the query's OPT record; empty without one.</param>
    /// <param name="context">Who asks, and how.</param>
    /// <param name="own">Receives the answer's options.</param>
    /// <param name="standing">What they say about the client.</param>
    public bool TryRead(ReadOnlySpan<byte> data, in QueryContext context, ref ResponseOptions own, out ClientStanding standing)
    {
        standing = default;
        if (data.IsEmpty)
        {
            return true;
        }

        if (!QueryOptions.TryRead(data, out var query))
        {
            return false;
        }

        ClientSubnet? subnet = null;
        if (!query.Subnet.IsEmpty && _trustedSubnetSources.Contains(context.Client))
        {
            if (!ClientSubnet.TryRead(query.Subnet, out var read))
            {
                return false;
            }

            subnet = read;
            query.Subnet.CopyTo(own.AddSubnet(query.Subnet.Length));
        }

        standing = new ClientStanding(Cookie(query.Cookie, context, ref own), subnet, query.IsPadded && context.Transport.IsEncrypted());
        AddAnswers(query, context.Transport, ref own);
        return true;
    }

    /// <summary>Whether a UDP client must first prove its address (RFC 7873 §5.2.3 leaves it to the server).</summary>
    public bool MustProve(in QueryContext context, ClientStanding standing, ViewSet views) =>
        options.CookiesRequired && context.Transport == Transport.Udp && standing.Cookie != CookieState.Good && IsStranger(context.Client, views);

    /// <summary>What becomes of an answer.</summary>
    public RateVerdict Limit(in QueryContext context, ClientStanding standing, ViewSet views, ReadOnlySpan<byte> answer)
    {
        if (!Counts(context, standing, views))
        {
            return RateVerdict.Send;
        }

        MessageHeader.TryRead(answer, out var header);
        var kind = header.Rcode switch
        {
            Rcode.NoError when header.AnswerCount > 0 => ResponseClass.Answer,
            Rcode.NoError => ResponseClass.Empty,
            Rcode.NxDomain => ResponseClass.NxDomain,
            _ => ResponseClass.Error,
        };
        return options.RateLimiter!.Count(context.Client, kind, Now());
    }

    /// <summary>Whether the answers of this client are counted at all.</summary>
    public bool Counts(in QueryContext context, ClientStanding standing, ViewSet views) =>
        options.RateLimiter is { } limiter && context.Transport == Transport.Udp && standing.Cookie != CookieState.Good
        && IsStranger(context.Client, views) && !limiter.Exempt.Contains(context.Client);

    private CookieState Cookie(ReadOnlySpan<byte> option, in QueryContext context, ref ResponseOptions own)
    {
        if (options.Cookies is not { } cookies || option.IsEmpty)
        {
            return CookieState.None;
        }

        var now = Now();
        var state = cookies.Check(option, context.Client, now);
        cookies.Write(option, state, context.Client, now, own.Add(EdnsOption.CookieOption, ServerCookies.ClientLength + ServerCookies.ServerLength));
        return state;
    }

    private void AddAnswers(QueryOptions query, Transport transport, ref ResponseOptions own)
    {
        if (query.WantsNsid && _nsid.Length > 0)
        {
            _nsid.CopyTo(own.Add(EdnsOption.NsidOption, _nsid.Length));
        }

        // Never over UDP (RFC 7828 §3.3.1), nor over QUIC, which has its own (RFC 9250 §5.5.2).
        if (query.WantsKeepalive && transport is Transport.Tcp or Transport.Tls)
        {
            own.AddKeepalive(options.IdleTimeout);
        }
    }

    // The clients of every other view are known by their networks, and routers drop forged packets of those.
    private static bool IsStranger(ClientAddress client, ViewSet views)
    {
        Span<byte> address = stackalloc byte[16];
        client.Write(address);
        return views.Match(address) == views.PublicIndex;
    }

    private long Now() => options.Time.GetUtcNow().ToUnixTimeSeconds();
}
