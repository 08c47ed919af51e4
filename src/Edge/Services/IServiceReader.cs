namespace Edge.Services;

/// <summary>
/// Something that serves what the catalog holds: names, routes, certificates. Called by one thread at a time, in order;
/// when the call returns, the reader serves the set. It must be quick, must not wait for a network, and must not throw:
/// a service it cannot serve is its own to isolate and report.
/// </summary>
internal interface IServiceReader
{
    void Apply(ServiceSet services);
}
