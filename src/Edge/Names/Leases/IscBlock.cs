using System.Net;

namespace Edge.Names.Leases;

/// <summary>What the statements of one block say, until it ends.</summary>
internal sealed class IscBlock(IPAddress address, int line)
{
    public IPAddress Address => address;

    /// <summary>Where the block begins.</summary>
    public int Line => line;

    public DateTimeOffset? Starts { get; set; }

    public DateTimeOffset? Ends { get; set; }

    /// <summary>"active" for a lease in force; null where the block says nothing.</summary>
    public string? State { get; set; }

    public string Hardware { get; set; } = "";

    /// <summary>In hexadecimal.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>What the client calls itself.</summary>
    public string? HostName { get; set; }

    /// <summary>The name that the server put into the DNS for it.</summary>
    public string? ForwardName { get; set; }

    /// <summary>Why the block counts for nothing.</summary>
    public string? Mistake { get; set; }
}
