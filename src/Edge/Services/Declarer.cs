using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>Who declares a service, and what he may say in it.</summary>
/// <param name="Source">The kind of source.</param>
/// <param name="Party">Of its kind, who: services of one party may share a host. "" for files, which are one.</param>
/// <param name="Where">Where exactly: "proxy-routes/photos.yaml:3", "token laptop", "container web".</param>
internal sealed record Declarer(SourceKind Source, string Party, string Where)
{
    /// <summary>Whether it may name files of this machine.</summary>
    public bool MayNameFiles { get; init; }

    /// <summary>Whether it may follow what neighbours announce.</summary>
    public bool MayFollow { get; init; }

    /// <summary>The ports that it may have opened; null for any.</summary>
    public ImmutableArray<int>? Ports { get; init; } = [];

    /// <summary>How to let it open another port; null where there is no way.</summary>
    public string? PortHint { get; init; }

    /// <summary>Whoever writes the files may do everything.</summary>
    public static Declarer File(string where) => new(SourceKind.File, "", where) { MayNameFiles = true, MayFollow = true, Ports = null };

    /// <param name="name">The token's name.</param>
    /// <param name="mayOpenPorts">Whether its scope has ports at all: which, is told beside what else is outside of it.</param>
    public static Declarer Token(string name, bool mayOpenPorts = false) => new(SourceKind.Api, name, $"token {name}") { Ports = mayOpenPorts ? null : [] };
}
