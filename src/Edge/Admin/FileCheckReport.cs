using System.Collections.Immutable;

namespace Edge.Admin;

/// <summary>What a look at all files found.</summary>
/// <param name="Errors">Mistakes, each with file and line where it has one.</param>
/// <param name="Warnings">What is allowed but probably not meant.</param>
/// <param name="Zones">Zones that would be served.</param>
/// <param name="Services">Services that would be in effect.</param>
/// <param name="Routes">Routes of files in YARP's own form.</param>
internal sealed record FileCheckReport(ImmutableArray<string> Errors, ImmutableArray<string> Warnings, int Zones, int Services, int Routes);
