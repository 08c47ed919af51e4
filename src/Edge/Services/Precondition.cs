using System.Collections.Immutable;
using System.Globalization;
using Edge.Stores;
using Microsoft.Net.Http.Headers;

namespace Edge.Services;

/// <summary>
/// What must hold of a registration before a request changes it (RFC 9110, section 13): compare and set. The tag of a
/// registration is the revision of what was registered; how it is served, which may change without that, is not in it.
/// </summary>
internal sealed record Precondition
{
    public static readonly Precondition None = new();

    private ImmutableArray<EntityTagHeaderValue>? Match { get; init; }

    private ImmutableArray<EntityTagHeaderValue>? NoneMatch { get; init; }

    /// <summary>The tag of a registration of this revision.</summary>
    public static string TagOf(long revision) => string.Create(CultureInfo.InvariantCulture, $"\"{revision}\"");

    /// <summary>What the headers ask for; null when one of them cannot be read, with its name.</summary>
    public static Precondition? Read(IHeaderDictionary headers, out string? wrong)
    {
        var match = Tags(headers.IfMatch, out var isMatch);
        var none = Tags(headers.IfNoneMatch, out var isNone);
        wrong = !isMatch ? "If-Match" : !isNone ? "If-None-Match" : null;
        return wrong is not null ? null : match is null && none is null ? None : new Precondition { Match = match, NoneMatch = none };
    }

    public bool Holds(StoreEntry? entry)
    {
        var tag = entry is null ? null : new EntityTagHeaderValue(TagOf(entry.Revision));
        return (Match is not { } match || (tag is not null && match.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: true))))
            && (NoneMatch is not { } none || tag is null || !none.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false)));
    }

    private static ImmutableArray<EntityTagHeaderValue>? Tags(Microsoft.Extensions.Primitives.StringValues header, out bool sound)
    {
        sound = true;
        if (header.Count == 0)
        {
            return null;
        }

        sound = EntityTagHeaderValue.TryParseStrictList(header.ToArray()!, out var tags) && tags.Count > 0;
        return sound ? [.. tags!] : null;
    }
}
