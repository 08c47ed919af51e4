using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// From the closest zone that is known down to the one that answers (RFC 1034 §5.3.3), for one name and type, without
/// going on behind aliases. Every referral leads further down, so it ends.
/// </summary>
internal sealed class Walk(RecursionContext context, Pursuit pursuit, QuestionKey question)
{
    private readonly Minimiser _minimiser = new(question.Name);

    /// <summary>The deepest zone that may answer: for a DS that above the name (RFC 4035 §3.1.4.1).</summary>
    public static Name DeepestZoneOf(QuestionKey question) => question.Type == RecordType.DS && !question.Name.IsRoot ? question.Name.Parent! : question.Name;

    public async Task<AuthorityReply> RunAsync()
    {
        var cut = context.Cuts.FindClosest(DeepestZoneOf(question), context.Now);
        if (context.Cuts.FindMissing(question.Name, question.DnssecOk, context.Now) is { } missing)
        {
            return missing;
        }

        var known = cut.Zone;
        while (true)
        {
            var asked = NextName(cut, ref known);
            var isWhole = asked == question.Name;
            // RFC 9156 §2.1: a type that is as good as any other, and that no middlebox has a quarrel with.
            var step = isWhole ? question : question with { Name = asked, Type = RecordType.A };
            var reply = await new ZoneInquiry(context, pursuit, cut, step, isStep: !isWhole).AskAsync().ConfigureAwait(false);
            switch (reply.Kind)
            {
                case AuthorityReplyKind.Referral:
                    cut = reply.Referral!;
                    known = cut.Zone;
                    continue;
                case AuthorityReplyKind.NxDomain when IsTop(cut) && reply.Answer.IsEmpty:
                    // RFC 8020 §2: nothing below exists either. Servers of the root and of top-level domains know that.
                    context.Cuts.PutMissing(asked, reply, question.DnssecOk, context.Now);
                    return reply;
                case AuthorityReplyKind.Aborted:
                    return reply;
                case AuthorityReplyKind.Failed or AuthorityReplyKind.Lame when isWhole && cut.FromParent is { } parents:
                    // What the zone says of its own servers does not work; what its parent says may.
                    cut = parents;
                    continue;
                case var _ when isWhole:
                    return reply;
                case AuthorityReplyKind.NxDomain or AuthorityReplyKind.Failed or AuthorityReplyKind.Lame:
                    // Some servers deny names that only have others below them, or do not bear the question.
                    _minimiser.ShowAll();
                    break;
                default:
                    context.Cuts.PutInside(asked, cut.Zone, LifetimeOf(reply), context.Now);
                    known = asked;
                    break;
            }
        }
    }

    private Name NextName(Delegation cut, ref Name known)
    {
        var now = context.Now;
        var next = Below(known);
        while (next != question.Name && context.Cuts.IsInside(next, cut.Zone, now))
        {
            known = next;
            next = Below(known);
        }

        return _minimiser.Next(known);
    }

    // The ancestor of the name that is one label longer than this one.
    private Name Below(Name above)
    {
        var name = question.Name;
        while (name.LabelCount > above.LabelCount + 1)
        {
            name = name.Parent!;
        }

        return name;
    }

    private static bool IsTop(Delegation cut) => cut.Zone.LabelCount <= 1;

    private static uint LifetimeOf(AuthorityReply reply) => reply.Kind == AuthorityReplyKind.NoData
        ? reply.Authority.FirstOrDefault(record => record.Type == RecordType.SOA)?.NegativeTtl() ?? 0
        : reply.Answer.Min(record => record.Ttl);
}
