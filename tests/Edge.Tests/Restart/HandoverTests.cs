using System.Net;
using System.Net.Sockets;
using Edge.Connections;
using Edge.Dns.Listeners;
using Edge.Restart;
using Edge.Tests.Services;
using Edge.Tests.Whole;

namespace Edge.Tests.Restart;

/// <summary>A handover that cannot begin changes nothing, and the process that wanted it goes on.</summary>
public sealed class HandoverTests
{
    // A program that says how far it is, and then does nothing.
    private static readonly string[] Waits = ["/bin/sh", "-c", "set -- $EDGE_SUCCEEDS; printf w > /proc/self/fd/$1; exec sleep 600"];

    private readonly TypedLog<Handover> _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Exception> Wrong => new()
    {
        new ListenException("cannot listen"),
        new SocketException((int)SocketError.TooManyOpenSockets),
        new IOException("no descriptors"),
        new ObjectDisposedException("a socket"),
    };

    // A first word that is a path is the name by which the file is found after an upgrade too; the process itself knows the old file.
    [Theory]
    [InlineData("/opt/edge-1/edge", "/usr/local/bin/edge run --config x", "/usr/local/bin/edge run --config x")]
    [InlineData("/usr/local/bin/edge", "edge run", "/usr/local/bin/edge run")]
    [InlineData("/usr/local/bin/edge", "./edge", "/usr/local/bin/edge")]
    [InlineData("/usr/bin/dotnet", "/srv/edge.dll run", "/usr/bin/dotnet /srv/edge.dll run")]
    [InlineData("/usr/bin/dotnet", "edge.dll run", "/usr/bin/dotnet edge.dll run")]
    [InlineData("/srv/edge", "/srv/edge.dll run", "/srv/edge run")]
    public void The_same_command_is_started(string program, string words, string expected) =>
        Assert.Equal(expected.Split(' '), Handover.CommandOf(words.Split(' '), program));

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public async Task Sockets_that_cannot_be_opened_are_told(Exception wrong)
    {
        Assert.Null(await To(Waits).PrepareAsync(new ListeningSockets(), () => throw wrong, _ => Assert.Fail("nothing is to be bound"), Cancel));
        Assert.Contains($"{wrong.Message}; nothing has changed", _log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sockets_that_cannot_be_bound_end_the_other_process()
    {
        using var udp = Unbound();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Null(await To(Waits).PrepareAsync(new ListeningSockets(), () => [udp], _ => throw new ListenException("the address is gone"), end.Token));
        Assert.Contains("the address is gone; nothing has changed", _log.Lines[^1], StringComparison.Ordinal);
        Assert.True(udp.SafeHandle.IsClosed);
    }

    [Theory]
    [InlineData("exit 0")]
    [InlineData("exec sleep 600")]
    public async Task Nothing_is_bound_for_a_program_that_does_not_get_ready(string script)
    {
        using var udp = Unbound();
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        Assert.Null(await To(["/bin/sh", "-c", script]).PrepareAsync(new ListeningSockets(), () => [udp], _ => Assert.Fail("half of the questions would be lost"), end.Token));
        Assert.True(udp.SafeHandle.IsClosed);
    }

    [Fact]
    public async Task Sockets_are_bound_when_the_other_one_waits()
    {
        using var udp = Unbound();
        var at = new IPEndPoint(IPAddress.Loopback, EdgeProcess.FreePort());
        using var successor = await To(Waits).PrepareAsync(new ListeningSockets(), () => [udp], sockets => sockets.Single().Bind(at), Cancel);
        Assert.NotNull(successor);
        try
        {
            // The other one has it, though it is closed here.
            Assert.True(udp.SafeHandle.IsClosed);
            Assert.Throws<SocketException>(() => new UdpClient(at).Dispose());
        }
        finally
        {
            successor.Kill();
        }
    }

    private static Socket Unbound() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    private Handover To(string[] command) => new(command, () => null, _log);
}
