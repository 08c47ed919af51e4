namespace Edge.Streams;

/// <summary>A host and a port to connect to, and whether that went well.</summary>
/// <param name="host">A name or an address.</param>
/// <param name="port">1 to 65535.</param>
internal sealed class StreamDestination(string host, int port)
{
    private long _restsUntil;

    public string Host => host;

    public int Port => port;

    /// <summary>Whether a connection failed so lately that others are tried first.</summary>
    public bool Rests(TimeProvider time) => Volatile.Read(ref _restsUntil) > time.GetTimestamp();

    public void Failed(TimeProvider time, TimeSpan rest) => Volatile.Write(ref _restsUntil, time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency));

    public void Succeeded() => Volatile.Write(ref _restsUntil, 0);

    public override string ToString() => host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}";
}
