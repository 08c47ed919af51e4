namespace Edge.Dns.Listeners;

/// <summary>One thread's socket: receives, answers, and sends what comes later.</summary>
internal interface IDatagramLoop
{
    /// <summary>Receives and answers until <see cref="Stop"/>.</summary>
    void Run();

    /// <summary>Sends an answer that had to wait. Called from any thread.</summary>
    void Send(DeferredDatagram datagram, ReadOnlySpan<byte> answer);

    /// <summary>Ends <see cref="Run"/>.</summary>
    void Stop();
}
