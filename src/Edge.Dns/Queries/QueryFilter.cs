using System.Net;

namespace Edge.Dns.Queries;

/// <summary>Which queries somebody wants to see; what is not said does not matter.</summary>
public sealed record QueryFilter
{
    /// <summary>Those that came later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Those of clients in this network; an address is a network of one.</summary>
    public IPNetwork? Network { get; init; }

    /// <summary>Those of the client that is written so: a number that stands for an address.</summary>
    public string? Client { get; init; }

    /// <summary>Those for names that hold this text, whatever its case.</summary>
    public string? Name { get; init; }

    /// <summary>Those for this type.</summary>
    public ushort? Type { get; init; }

    /// <summary>Those that a list has blocked.</summary>
    public bool Blocked { get; init; }

    /// <summary>The most that are wanted: the latest ones.</summary>
    public int Limit { get; init; } = 100;

    // What costs least is looked at first.
    internal bool Takes(ref QuerySlot slot) =>
        (!Blocked || slot.By == AnsweredBy.Blocked)
        && (Type is not { } type || slot.Type == type)
        && (Since is not { } since || slot.Time > since.UtcTicks)
        && TakesClient(ref slot)
        && (Name is null || QueryWords.Name(ref slot).Contains(Name, StringComparison.OrdinalIgnoreCase));

    private bool TakesClient(ref QuerySlot slot)
    {
        var isNetwork = (slot.Flags & QuerySlot.ClientIsNetwork) != 0;
        if (Client is not null)
        {
            return ClientText.Format(slot.Client, isNetwork) == Client;
        }

        if (Network is not { } network)
        {
            return true;
        }

        // Where only networks are kept, a client is found by its own address all the same.
        var first = ClientText.Of(network.BaseAddress);
        return ClientText.IsIn(slot.Client, isNetwork ? ClientText.Network(first) : first, ClientText.Length(network))
            || (isNetwork && slot.Client == ClientText.Network(first));
    }
}
