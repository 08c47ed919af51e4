using System.Net;

namespace Edge.Docker;

/// <summary>
/// Chooses how a container is reached: a network that this machine shares (it has an address in the same subnet, as it
/// has in every bridge network of its own), else published ports.
/// </summary>
/// <param name="preferred">The network of the settings; null for none.</param>
/// <param name="separate">Networks whose containers this machine does not reach, though it may be in the same subnet.</param>
/// <param name="links">The subnets that this machine has an address in.</param>
internal sealed class ReachFinder(string? preferred, IReadOnlySet<string> separate, IReadOnlyList<IPNetwork> links)
{
    /// <param name="container">The container.</param>
    /// <param name="host">The container whose network it uses; null for its own.</param>
    /// <param name="wanted">The network that its labels name; null for none.</param>
    /// <param name="wrong">Why it cannot be reached as its labels want.</param>
    public Reach? Find(Container container, Container? host, string? wanted, out string? wrong)
    {
        wrong = null;
        if (container.Host is not null && host is null)
        {
            wrong = "it uses the network of a container that does not run";
            return null;
        }

        var (at, by) = (host ?? container, host is null ? "" : $" of container {host.Name}, whose network it uses");
        if (at.NetworkMode == "host")
        {
            return new Reach(IPAddress.Loopback, [], $"reached at the loopback, because it uses the network{(host is null ? "" : by)} of this machine (host)");
        }

        if (wanted is not null)
        {
            if (Shared(at).FirstOrDefault(network => network.Name == wanted) is { } named)
            {
                return new Reach(named.Address, [], $"reached at its address in the network {wanted}{by}, which its labels name");
            }

            wrong = at.Networks.Any(network => network.Name == wanted)
                ? $"this machine is not in the network {wanted} that the labels name"
                : $"it is not in the network {wanted} that the labels name; it is in {Listed(at)}";
            return null;
        }

        var shared = Shared(at).OrderBy(network => network.Name != preferred).FirstOrDefault();
        return shared is not null
            ? new Reach(shared.Address, [], $"reached at its address in the network {shared.Name}{by}, {(shared.Name == preferred ? "which edge.yaml names" : "which this machine shares")}")
            : new Reach(null, at.Published, $"reached at a published port{by}, because this machine is in none of its networks ({Listed(at)})");
    }

    private IEnumerable<ContainerNetwork> Shared(Container container) => container.Networks.Where(network =>
        !separate.Contains(network.Id) && !separate.Contains(network.Name) && links.Any(link => link.Contains(network.Address)));

    private static string Listed(Container container) => container.Networks.IsEmpty ? "none" : string.Join(", ", container.Networks.Select(network => $"{network.Name} {network.Address}"));
}
