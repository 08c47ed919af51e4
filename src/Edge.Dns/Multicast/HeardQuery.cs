namespace Edge.Dns.Multicast;

/// <summary>A query, and what the asker knows, as far as it came.</summary>
/// <param name="Id">Its number, for a resolver that knows no mDNS.</param>
/// <param name="Questions">Its questions.</param>
/// <param name="IsProbe">Whether it asks for a name that the asker wants to have.</param>
/// <param name="Known">What the asker knows.</param>
internal sealed record HeardQuery(ushort Id, List<MulticastQuestion> Questions, bool IsProbe, KnownAnswers Known)
{
    public HeardQuery(MulticastMessage query)
        : this(query.Id, query.Questions, query.Authority.Count > 0, new KnownAnswers(query.Answers))
    {
    }
}
