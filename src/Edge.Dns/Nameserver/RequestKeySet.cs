using System.Collections.Frozen;
using System.Collections.Immutable;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>All keys at one moment, immutable.</summary>
public sealed class RequestKeySet
{
    /// <summary>No keys.</summary>
    public static readonly RequestKeySet Empty = new([]);

    private readonly FrozenDictionary<Name, RequestKey> _keys;

    /// <summary>A set of these keys; their names differ.</summary>
    public RequestKeySet(ImmutableArray<RequestKey> keys) => _keys = keys.ToFrozenDictionary(key => key.Key.Name);

    /// <summary>The key of that name; null when there is none.</summary>
    public RequestKey? Find(Name name) => _keys.GetValueOrDefault(name);

    internal TsigKey? FindKey(Name name) => Find(name)?.Key;
}
