using System.Collections.Immutable;

namespace Edge.Certificates;

/// <summary>A certificate somebody needs.</summary>
/// <param name="Names">Its names, the one that gives the folder its name first.</param>
/// <param name="Public">Whether a public CA can issue it, because we answer for its names.</param>
internal sealed record WantedCertificate(ImmutableArray<string> Names, bool Public)
{
    public string Name => Names[0];

    /// <summary>Whether only what there is serves on until its end: the name cannot be proven any more, so that none is ordered.</summary>
    public bool IsKept { get; init; }
}
