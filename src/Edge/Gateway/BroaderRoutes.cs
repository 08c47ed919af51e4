namespace Edge.Gateway;

/// <summary>The routes for more than one host. What was worked out with them holds for as long as they are the same object.</summary>
/// <param name="wildcards">By the name below which they match.</param>
/// <param name="any">The routes for any host.</param>
/// <param name="ahead">How many of them may go before the route of a service that asks for nothing but its host.</param>
internal sealed class BroaderRoutes(HostMap wildcards, HostSlot any, int ahead)
{
    public HostMap Wildcards => wildcards;

    public int Ahead => ahead;

    public HostSlot Any => any;

    /// <summary>The nearest above a host: "a.b.example" is under "*.b.example", then "*.example"; a wildcard never matches its own name.</summary>
    public HostSlot Over(ReadOnlySpan<char> host)
    {
        if (wildcards.Count == 0)
        {
            return any;
        }

        for (var dot = host.IndexOf('.'); dot >= 0; dot = host.IndexOf('.'))
        {
            host = host[(dot + 1)..];
            if (wildcards.Find(host) is { } slot)
            {
                return slot;
            }
        }

        return any;
    }
}
