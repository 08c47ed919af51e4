using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>One query that reached the address of a server, its name in lower case.</summary>
internal sealed record AskedQuestion(string Address, string Name, RecordType Type, bool OverTcp, Message Query)
{
    public bool IsPriming => Name == "." && Type == RecordType.NS;

    public override string ToString() => $"{Address} {Name} {Type}{(OverTcp ? " tcp" : "")}";
}
