using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>A search on behalf of one question of a client: the question itself, or a server's address that it needs.</summary>
internal sealed class Pursuit
{
    private readonly Pursuit? _above;
    private readonly Name? _server;

    public Pursuit(QuestionBudget budget, CancellationToken deadline)
    {
        Budget = budget;
        Deadline = deadline;
    }

    private Pursuit(Pursuit above, Name server, CancellationToken deadline)
        : this(above.Budget, deadline)
    {
        _above = above;
        _server = server;
        Depth = above.Depth + 1;
    }

    public QuestionBudget Budget { get; }

    public CancellationToken Deadline { get; }

    public int Depth { get; }

    /// <summary>The search for the address of a server, for the sake of this one.</summary>
    public Pursuit For(Name server, CancellationToken deadline) => new(this, server, deadline);

    /// <summary>Whether this search is itself for the sake of that server's address: zones whose servers need each other's.</summary>
    public bool IsFor(Name server)
    {
        for (var search = this; search is not null; search = search._above)
        {
            if (search._server == server)
            {
                return true;
            }
        }

        return false;
    }
}
