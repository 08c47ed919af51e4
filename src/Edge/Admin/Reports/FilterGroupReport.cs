using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>A group of clients.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Clients">Its networks.</param>
/// <param name="Lists">The lists that count for it now.</param>
/// <param name="BlocksAll">Whether nothing but what the settings allow may be asked now.</param>
internal sealed record FilterGroupReport(string Name, ImmutableArray<string> Clients, ImmutableArray<string> Lists, bool BlocksAll);
