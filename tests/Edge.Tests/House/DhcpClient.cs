namespace Edge.Tests.House;

/// <summary>A device that knows of its network what DHCP tells it.</summary>
internal static class DhcpClient
{
    /// <summary>It asks for an address and takes over what it gets, its resolver too.</summary>
    /// <param name="device">With a link eth0.</param>
    /// <param name="folder">Where its script goes.</param>
    /// <param name="name">What it calls itself.</param>
    public static async Task<string> ConnectAsync(LabHost device, string folder, string name)
    {
        var script = Path.Combine(folder, "udhcpc.sh");
        await File.WriteAllTextAsync(script, """
            #!/bin/sh
            case $1 in
            deconfig) ip addr flush dev $interface scope global; ip link set $interface up;;
            bound|renew) ip addr replace $ip/$mask dev $interface; ip route replace default via ${router%% *} dev $interface
              for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf;;
            esac
            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return await device.RunAsync("busybox", "udhcpc", "-q", "-n", "-t", "10", "-T", "1", "-i", "eth0", "-x", $"hostname:{name}", "-s", script);
    }
}
