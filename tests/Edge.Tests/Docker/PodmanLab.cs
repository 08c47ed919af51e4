namespace Edge.Tests.Docker;

/// <summary>Podman, which needs no daemon for its containers and has one for Docker's API.</summary>
public sealed class PodmanLab : EngineLab
{
    private protected override (string Program, string Package)[] Programs => [("podman", "podman"), ("runc", "runc")];

    private protected override string[] Serve => [.. Podman, "system", "service", "--time=0", $"unix://{Socket}"];

    private protected override string[] Client => [.. Inside, .. Podman];

    // Without CAP_SYS_RESOURCE no limit can be raised, and crun wants control groups of one kind.
    private string[] Podman
    {
        get
        {
            var settings = Path.Combine(Folder, "containers.conf");
            if (!File.Exists(settings))
            {
                File.WriteAllText(settings, $"""
                    [containers]
                    default_ulimits = ["nofile=1024:1024","nproc=1024:1024"]
                    log_driver = "k8s-file"
                    [engine]
                    runtime = "runc"
                    cgroup_manager = "cgroupfs"
                    events_logger = "file"
                    [network]
                    network_backend = "netavark"
                    network_config_dir = "{Path.Combine(Folder, "networks")}"
                    """);
            }

            return
            [
                "env", $"CONTAINERS_CONF={settings}", "podman", "--root", Path.Combine(Folder, "root"), "--runroot", Path.Combine(Folder, "run"), "--tmpdir", Path.Combine(Folder, "tmp"),
                "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--storage-driver", "overlay",
            ];
        }
    }
}
