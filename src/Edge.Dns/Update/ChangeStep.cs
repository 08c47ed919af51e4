using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>What becomes of one RRset.</summary>
/// <param name="Owner">The name.</param>
/// <param name="Type">The type.</param>
/// <param name="Ttl">Seconds.</param>
/// <param name="Data">The data it has from now on; empty when the set is gone.</param>
/// <param name="Dropped">True when the set follows what is declared again: there is no change any more.</param>
internal sealed record ChangeStep(Name Owner, RecordType Type, uint Ttl, ImmutableArray<RData> Data, bool Dropped = false);
