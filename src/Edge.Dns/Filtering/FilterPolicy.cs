using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Edge.Dns.Views;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>
/// What is blocked for whom at one moment: rules, groups and answers of one's own. Immutable; a new list, a new hour
/// or a pause is another policy. The rules are shared between policies that differ in nothing else.
/// </summary>
public sealed class FilterPolicy
{
    /// <summary>Blocks nothing.</summary>
    public static readonly FilterPolicy None = new(FilterRules.None, [], FilterReply.ZeroAddress, null);

    private readonly GroupState[] _groups;
    private readonly PrefixTable<UInt128>? _clients;
    private readonly HitCounters _hits;

    /// <summary>Puts a policy together.</summary>
    /// <param name="rules">The rules of all sources, and the answers.</param>
    /// <param name="groups">The groups; the first one is everybody who is in no other. None: all sources count for everybody.</param>
    /// <param name="reply">What clients are told of a blocked name.</param>
    /// <param name="hits">Counts what is blocked; null for a count of its own.</param>
    public FilterPolicy(FilterRules rules, ImmutableArray<FilterGroup> groups, FilterReply reply, HitCounters? hits)
    {
        Rules = rules;
        Groups = groups.IsEmpty ? [new FilterGroup("", [], [.. Enumerable.Range(0, rules.Sources.Length)])] : groups;
        Reply = reply;
        _hits = hits ?? new HitCounters();
        _groups = [.. Groups.Select(group => new GroupState(group, rules.Sources, forAll: Groups[0].Sources))];
        var networks = Groups.SelectMany((group, index) => group.Clients.Select(network => (network.First & ~PrefixTable<UInt128>.Below(network.Length), network.Length, index))).ToList();
        _clients = networks.Count == 0 ? null : new PrefixTable<UInt128>(networks);
        IsSameForAll = _clients is null && !rules.Set.DependsOnClient;
        IsEmpty = rules.Answers.IsEmpty && _groups.All(group => !group.BlocksAll && (rules.Set.IsEmpty || group.Active == 0));
    }

    /// <summary>The rules and answers.</summary>
    public FilterRules Rules { get; }

    /// <summary>The groups; the first one is everybody who is in no other.</summary>
    public ImmutableArray<FilterGroup> Groups { get; }

    /// <summary>Whether no question can get another answer by it.</summary>
    public bool IsEmpty { get; }

    /// <summary>Whether it says the same to every client.</summary>
    public bool IsSameForAll { get; }

    internal FilterReply Reply { get; }

    /// <summary>What is to be done with a question. Allocates nothing.</summary>
    /// <param name="name">Its name in wire form.</param>
    /// <param name="type">Its type.</param>
    /// <param name="client">Who asks: sixteen bytes, IPv4 in its mapped form.</param>
    [SkipLocalsInit]
    public FilterVerdict Judge(ReadOnlySpan<byte> name, RecordType type, ReadOnlySpan<byte> client)
    {
        NameKeys.Read(name, out var keys);
        var answer = Rules.FindAnswer(in keys);
        var address = BinaryPrimitives.ReadUInt128BigEndian(client);
        var group = GroupOf(address);
        return answer >= 0 ? new FilterVerdict(VerdictKind.Answered, Group: group, Answer: answer) : Judge(in keys, type, address, group);
    }

    /// <summary>The same for a name that the answer to a question leads to.</summary>
    [SkipLocalsInit]
    internal FilterVerdict JudgeTarget(ReadOnlySpan<byte> name, RecordType type, ReadOnlySpan<byte> client, int group)
    {
        NameKeys.Read(name, out var keys);
        return Judge(in keys, type, BinaryPrimitives.ReadUInt128BigEndian(client), group);
    }

    /// <summary>
    /// Whether a name is blocked because of where its answer leads. A rule that allows the name asked for is enough,
    /// unless the block is a nearer word: a list does not allow what the settings block.
    /// </summary>
    /// <param name="asked">What is said of the name asked for.</param>
    /// <param name="target">What is said of the name that its answer leads to.</param>
    public bool BlocksBy(in FilterVerdict asked, in FilterVerdict target) => target.Kind == VerdictKind.Blocked && asked.Kind switch
    {
        VerdictKind.None => true,
        VerdictKind.Allowed => target.Source >= 0 && Rules.Sources[target.Source].Tier > Rules.Sources[asked.Source].Tier,
        _ => false,
    };

    internal void Count(in FilterVerdict verdict) => _hits.Increment(verdict.Source);

    /// <summary>The EDNS option that says why a name is blocked.</summary>
    internal ReadOnlySpan<byte> ReasonOf(in FilterVerdict verdict) => _groups[verdict.Group].ReasonOf(verdict.Source);

    /// <summary>Who says it: a source, or the group whose hours these are.</summary>
    internal string NameOf(in FilterVerdict verdict) => verdict.Source >= 0 ? Rules.Sources[verdict.Source].Name : Groups[verdict.Group].Name;

    private int GroupOf(UInt128 client) => _clients is null ? 0 : Math.Max(0, _clients.Find(client));

    private FilterVerdict Judge(ref readonly NameKeys keys, RecordType type, UInt128 client, int number)
    {
        var group = _groups[number];
        var hits = group.Active == 0 ? default : Rules.Set.Find(in keys, type, client, group.Active);
        if (!hits.Any)
        {
            return group.BlocksAll ? new FilterVerdict(VerdictKind.Blocked, Group: number) : new FilterVerdict(VerdictKind.None, Group: number);
        }

        // The nearer word goes first: that of the client's group, then that of the settings, then those of lists.
        if (TryDecide(hits, group.OwnMask, number, out var verdict) || TryDecide(hits, group.SettingsMask, number, out verdict))
        {
            return verdict;
        }

        return group.BlocksAll ? new FilterVerdict(VerdictKind.Blocked, Group: number)
            : TryDecide(hits, group.ListMask, number, out verdict) ? verdict : new FilterVerdict(VerdictKind.None, Group: number);
    }

    private static bool TryDecide(in RuleHits hits, UInt128 mask, int group, out FilterVerdict verdict)
    {
        var (rule, sources) = (hits.ImportantAllow & mask) != 0 ? (RuleKind.Allow | RuleKind.Important, hits.ImportantAllow)
            : (hits.ImportantBlock & mask) != 0 ? (RuleKind.Important, hits.ImportantBlock)
            : (hits.Allow & mask) != 0 ? (RuleKind.Allow, hits.Allow)
            : (RuleKind.Block, hits.Block);
        var kind = (rule & RuleKind.Allow) != 0 ? VerdictKind.Allowed : VerdictKind.Blocked;
        sources &= mask;
        verdict = sources == 0 ? default : new FilterVerdict(kind, rule, (int)UInt128.TrailingZeroCount(sources), group);
        return sources != 0;
    }
}
