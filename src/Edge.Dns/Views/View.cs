using System.Collections.Immutable;
using System.Net;

namespace Edge.Dns.Views;

/// <summary>
/// One horizon: who sees it and what they may do. Which records it shows is the zones' business; a view is only
/// a name and the networks of its clients.
/// </summary>
public sealed class View
{
    /// <summary>The name of the view of everybody who is in no other view.</summary>
    public const string PublicName = "public";

    /// <summary>The name of the view that stands for the networks this machine is attached to.</summary>
    public const string LanName = "lan";

    /// <summary>States a view.</summary>
    /// <param name="name">Its name as in edge.yaml, such as "lan"; compared exactly.</param>
    /// <param name="clients">Declared client networks of either family; bits beyond the prefix are ignored.</param>
    /// <param name="recursion">Whether its clients may ask for names outside our zones.</param>
    /// <param name="onLink">Whether the live on-link prefixes of this machine's interfaces belong to it as well.</param>
    /// <param name="askedAt">Addresses of this machine: who asks there sees this view, whoever it is.</param>
    public View(string name, ImmutableArray<IPNetwork> clients, bool recursion, bool onLink, ImmutableArray<IPAddress> askedAt = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Clients = clients.IsDefault ? [] : clients;
        Recursion = recursion;
        OnLink = onLink;
        AskedAt = askedAt.IsDefault ? [] : askedAt;
    }

    /// <summary>The view's name.</summary>
    public string Name { get; }

    /// <summary>Declared client networks; empty when the view lives of <see cref="OnLink"/> or is the public one.</summary>
    public ImmutableArray<IPNetwork> Clients { get; }

    /// <summary>Whether its clients may ask for names outside our zones.</summary>
    public bool Recursion { get; }

    /// <summary>Whether the on-link prefixes of this machine's interfaces are its clients too.</summary>
    public bool OnLink { get; }

    /// <summary>Addresses of this machine that belong to the view: who asks there sees it, whatever the client's own network.</summary>
    public ImmutableArray<IPAddress> AskedAt { get; }

    /// <summary>
    /// A view as edge.yaml states it, with the defaults: "lan" without clients means the on-link prefixes, and every
    /// view may recurse but "public" and those that anybody enters who knows the address.
    /// </summary>
    public static View Declare(string name, ImmutableArray<IPNetwork> clients, bool? recursion = null, ImmutableArray<IPAddress> askedAt = default) =>
        new(name, clients, recursion ?? (name != PublicName && askedAt.IsDefaultOrEmpty), onLink: name == LanName && clients.IsDefaultOrEmpty, askedAt);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
