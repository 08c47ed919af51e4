namespace Edge.Tests.Docker;

/// <summary>Docker, whose containers go on while it is away.</summary>
public sealed class DockerLab : EngineLab
{
    private protected override (string Program, string Package)[] Programs => [("dockerd", "docker.io"), ("docker", "docker.io")];

    private protected override string[] Serve =>
    [
        "dockerd", "--live-restore", "--data-root", Path.Combine(Folder, "data"), "--exec-root", Path.Combine(Folder, "exec"), "--pidfile", Path.Combine(Folder, "pid"), "-H", $"unix://{Socket}",
    ];

    private protected override string[] Client => ["docker", "-H", $"unix://{Socket}"];
}
