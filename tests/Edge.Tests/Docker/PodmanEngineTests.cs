namespace Edge.Tests.Docker;

/// <summary>A real podman, with Docker's API.</summary>
public sealed class PodmanEngineTests(PodmanLab lab) : EngineTests(lab), IClassFixture<PodmanLab>
{
    [Fact]
    public async Task Who_is_unhealthy_says_so_until_the_health_check_passes()
    {
        // Without systemd nobody but the test runs the checks.
        await Lab.RunAsync("patient", "--label", "edge.to=8080", "--health-cmd", "/bin/test -e /tmp/well", "--health-interval", "disable", "--health-retries", "1");
        await Lab.EngineAsync("healthcheck", "run", "patient");
        await Lab.EngineAsync("healthcheck", "run", "patient");
        await AnswersAsync("patient.nas.example.com", "patient does not work at the moment.");
        await Lab.EngineAsync("exec", "patient", "/bin/touch", "/tmp/well");
        await Lab.EngineAsync("healthcheck", "run", "patient");
        await AnswersAsync("patient.nas.example.com", "hello from a container");
    }
}
