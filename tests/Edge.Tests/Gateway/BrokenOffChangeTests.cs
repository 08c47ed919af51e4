using Edge.Gateway;
using Edge.Services;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using Yarp.ReverseProxy.Model;

namespace Edge.Tests.Gateway;

/// <summary>A change of the routes in the middle of which something throws: the next one leaves nothing of it behind.</summary>
public sealed class BrokenOffChangeTests : IDisposable
{
    private readonly Listener _listener = new();
    private readonly ServiceProvider _services;
    private readonly RouteTableManager _routes;

    public BrokenOffChangeTests()
    {
        _services = new ServiceCollection().AddLogging()
            .AddGateway(new GatewayOptions(), _ => _ => null, _ => _ => false, null)
            .AddSingleton<IClusterChangeListener>(_listener)
            .BuildServiceProvider();
        _routes = _services.GetRequiredService<RouteTableManager>();
    }

    public void Dispose() => _services.Dispose();

    /// <summary>"a" gets a guard, "b" goes, "c" comes; whichever of them breaks the change off.</summary>
    [Theory]
    [InlineData("service:a")]
    [InlineData("service:b")]
    public void Nothing_of_it_is_left(string breaker)
    {
        const string before = "  a: { to: \"http://127.0.0.1:1\" }\n  b: { to: \"http://127.0.0.1:2\" }\n";
        const string after = "  a: { to: \"http://127.0.0.1:3\", client-cert: /etc/edge/ca.pem }\n  c: { to: \"http://127.0.0.1:4\" }\n";
        Apply(1, before);
        _listener.Breaker = breaker;
        try
        {
            Apply(2, after);
        }
        catch (InvalidOperationException)
        {
            // As the catalogue does, it goes on.
        }

        Apply(3, after);

        Assert.Equal(["service:a", "service:c"], _routes.Current.Entries.Select(entry => entry.Id));
        Assert.All(_routes.Current.ForHost("a.example.com"), entry => Assert.True(entry.AsksForCertificate));
        Assert.True(_routes.Current.AsksForCertificate("a.example.com"));
        Assert.Empty(_routes.Problems);
        Assert.True(_listener.HasThrown);

        Apply(4, before);
        Assert.Equal(["service:a", "service:b"], _routes.Current.Entries.Select(entry => entry.Id));
        Assert.False(_routes.Current.AsksForCertificate("a.example.com"));
    }

    private void Apply(long version, string yaml) => _routes.Apply(new ServiceSet(version, ShortForm.Services("services:\n" + yaml), []));

    // Throws once.
    private sealed class Listener : IClusterChangeListener
    {
        public string? Breaker { get; set; }

        public bool HasThrown { get; private set; }

        public void OnClusterAdded(ClusterState cluster)
        {
        }

        public void OnClusterChanged(ClusterState cluster)
        {
        }

        public void OnClusterRemoved(ClusterState cluster)
        {
            if (cluster.ClusterId == Breaker)
            {
                (Breaker, HasThrown) = (null, true);
                throw new InvalidOperationException("broken off");
            }
        }
    }
}
