using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>What all upstreams of one forwarder share.</summary>
internal sealed class UpstreamParts(TimeProvider time, ILogger log) : IDisposable
{
    public TimeProvider Time => time;

    public ILogger Log => log;

    public AlarmClock Clock { get; } = new(time);

    public DatagramPump Pump { get; } = new(log);

    public void Dispose()
    {
        Clock.Dispose();
        Pump.Dispose();
    }
}
