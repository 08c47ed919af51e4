namespace Edge.Certificates;

/// <summary>What happened to certificates since the start, as numbers that only grow.</summary>
internal sealed class CertificateCounters
{
    private long _issued;
    private long _failed;
    private long _looks;
    private long _revoked;

    /// <summary>The numbers of the moment.</summary>
    public (long Issued, long Failed, long Looks, long Revoked) Current => (Interlocked.Read(ref _issued), Interlocked.Read(ref _failed), Interlocked.Read(ref _looks), Interlocked.Read(ref _revoked));

    public void Issued() => Interlocked.Increment(ref _issued);

    public void Failed() => Interlocked.Increment(ref _failed);

    public void Looked() => Interlocked.Increment(ref _looks);

    public void Revoked() => Interlocked.Increment(ref _revoked);
}
