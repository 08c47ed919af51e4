using Edge.Dns.Views;

namespace Edge.Dns.Nameserver;

/// <summary>Which view a query sees: what was proved goes before what was said by who is believed, what was chosen before what is merely so.</summary>
internal static class ViewChoice
{
    /// <param name="context">Who asks, and how.</param>
    /// <param name="standing">What the query's options say of the client.</param>
    /// <param name="views">The views now.</param>
    /// <param name="scope">For how many bits of the client's subnet the view is the same.</param>
    /// <returns>The view's index; -1 when there is none of the name that was proved.</returns>
    public static int Of(in QueryContext context, in ClientStanding standing, ViewSet views, out int scope)
    {
        // 1. The key that the query is signed with.
        scope = 0;
        if (context.View is { } named)
        {
            return views.IndexOf(named);
        }

        // 2. The subnet that a trusted resolver asks for; none if its client wants it kept (RFC 7871 §7.1.2).
        Span<byte> address = stackalloc byte[16];
        if (standing.Subnet is { SourceLength: > 0 } subnet)
        {
            subnet.Address.Write(address);
            return views.Match(address, out scope);
        }

        // 3. The address that was asked.
        context.Server.Write(address);
        var asked = views.MatchAsked(address);
        if (asked >= 0)
        {
            return asked;
        }

        // 4. The network of the client.
        context.Client.Write(address);
        return views.Match(address);
    }
}
