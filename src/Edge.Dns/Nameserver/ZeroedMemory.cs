using System.Runtime.InteropServices;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Bytes outside the collected heap, all zero. The system gives each page when it is first written to, and the collector,
/// which would collect everything before it gives out so many, does not know of them.
/// </summary>
internal sealed unsafe class ZeroedMemory(int length)
{
    /// <summary>The first byte; there until this is collected.</summary>
    public byte* Start { get; } = (byte*)NativeMemory.AllocZeroed((nuint)length);

    ~ZeroedMemory() => NativeMemory.Free(Start);
}
