using System.Net;

namespace Edge.PortMapping;

/// <summary>What came of trying an address.</summary>
/// <param name="At">The address and port.</param>
/// <param name="Verdict">Proven, disproved or unproven.</param>
/// <param name="By">How it was tried, for people.</param>
/// <param name="Reason">What came instead.</param>
internal sealed record WayInProof(IPEndPoint At, WayInVerdict Verdict, string By, string? Reason);
