using Edge.Tests.Whole;

namespace Edge.Tests.Docker;

/// <summary>A real dockerd.</summary>
public sealed class DockerEngineTests(DockerLab lab) : EngineTests(lab), IClassFixture<DockerLab>
{
    [Fact]
    public async Task Who_is_unhealthy_says_so_until_the_health_check_passes()
    {
        await Lab.RunAsync("patient", "--label", "edge.to=8080", "--health-cmd", "/bin/test -e /tmp/well", "--health-interval", "1s", "--health-retries", "1");
        await Seen503Async("patient");
        await Lab.EngineAsync("exec", "patient", "/bin/touch", "/tmp/well");
        await AnswersAsync("patient.nas.example.com", "hello from a container");
        await Lab.EngineAsync("exec", "patient", "/bin/rm", "/tmp/well");
        await AnswersAsync("patient.nas.example.com", "patient does not work at the moment.");
        Assert.Contains("answered with 503, because the health check of its container fails", await ToldAsync("patient"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_that_keeps_its_containers_apart_is_not_taken_though_this_machine_is_in_its_subnet()
    {
        await Lab.MachineAsync("ip", "link", "add", "apart0", "type", "veth", "peer", "name", "apart1");
        await Lab.MachineAsync("ip", "address", "add", "10.77.0.1/24", "dev", "apart0");
        await Lab.MachineAsync("ip", "link", "set", "apart0", "up");
        Assert.DoesNotContain("rror", await Lab.EngineAsync("network", "create", "-d", "macvlan", "--subnet", "10.77.0.0/24", "-o", "parent=apart0", "apart"), StringComparison.Ordinal);
        await Lab.RunAsync("lone", "--network", "apart", "--label", "edge.to=8080");
        await Eventually.TrueAsync(
            async () => (await Lab.Edge.CommandAsync("services")).Output.Contains("edge.to: port 8080 cannot be reached from here: it is not published", StringComparison.Ordinal), () => Lab.Edge.Output);
    }

    private Task Seen503Async(string name) => Eventually.TrueAsync(async () => (await Lab.PageAsync($"{name}.nas.example.com")).EndsWith("503", StringComparison.Ordinal), () => Lab.Edge.Output);
}
