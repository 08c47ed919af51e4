using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Filtering;

/// <summary>Policies from text.</summary>
internal static class TestRules
{
    public static readonly byte[] SomeClient = IPAddress.Parse("192.168.1.20").MapToIPv6().GetAddressBytes();

    public static FilterRules Read(params (FilterSource Source, string Text)[] sources) => ReadWith([], sources);

    public static FilterRules ReadWith(ImmutableArray<CustomAnswer> answers, params (FilterSource Source, string Text)[] sources) => FilterRules.Read(
        [.. sources.Select(source => (source.Source, source.Source.Name, (Func<Stream?>)(() => new MemoryStream(Encoding.UTF8.GetBytes(source.Text)))))],
        answers,
        CancellationToken.None);

    public static (FilterSource Source, string Text) List(string name, string text, ListSyntax syntax = default) => (new FilterSource(name, FilterTier.List, syntax), text);

    public static FilterPolicy Policy(string list, ListSyntax syntax = default) => Policy(Read(List("test", list, syntax)));

    public static FilterPolicy Policy(FilterRules rules, params FilterGroup[] groups) => new(rules, [.. groups], FilterReply.ZeroAddress, null);

    public static VerdictKind Judge(this FilterPolicy policy, string name, RecordType type = RecordType.A, string client = "192.168.1.20") =>
        policy.Judge(Name.Parse(name).Wire, type, IPAddress.Parse(client).MapToIPv6().GetAddressBytes()).Kind;
}
