using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What the servers of a zone say to one question, with nothing in it that they have no say in.</summary>
internal sealed record AuthorityReply(AuthorityReplyKind Kind)
{
    /// <summary>The aliases and records of the answer.</summary>
    public ImmutableArray<ResourceRecord> Answer { get; init; } = [];

    /// <summary>SOA, proofs and their signatures.</summary>
    public ImmutableArray<ResourceRecord> Authority { get; init; } = [];

    /// <summary>For an alias: the name to go on with.</summary>
    public Name? Target { get; init; }

    /// <summary>For a referral: where to.</summary>
    public Delegation? Referral { get; init; }

    /// <summary>What the zone says of its own name servers, when it said so by the way.</summary>
    public Delegation? Apex { get; init; }

    /// <summary>For what is no answer: why, in words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who said it.</summary>
    public string From { get; init; } = "";

    /// <summary>Whether servers answered with errors, as opposed to silence.</summary>
    public bool WasAnswered { get; init; }

    public bool IsFinal => Kind <= AuthorityReplyKind.Referral;

    public static AuthorityReply Failed(string reason, bool wasAnswered = true) => new(AuthorityReplyKind.Failed) { Reason = reason, WasAnswered = wasAnswered };

    public static AuthorityReply Lame(string reason) => new(AuthorityReplyKind.Lame) { Reason = reason, WasAnswered = true };

    public static AuthorityReply Aborted(string reason) => new(AuthorityReplyKind.Aborted) { Reason = reason };
}
