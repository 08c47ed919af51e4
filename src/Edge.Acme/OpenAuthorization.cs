using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>A name that is not proven yet, with the ways to prove it that are left, the preferred one first.</summary>
internal sealed class OpenAuthorization
{
    private readonly Queue<(IChallengeSolver Solver, AcmeChallenge Challenge, ChallengeAnswer Answer)> _ways;
    private readonly List<string> _reasons = [];
    private bool _passes = true;

    public OpenAuthorization(AcmeAuthorization authorization, ImmutableArray<(IChallengeSolver, AcmeChallenge, ChallengeAnswer)> ways)
    {
        Authorization = authorization;
        _ways = new Queue<(IChallengeSolver, AcmeChallenge, ChallengeAnswer)>(ways);
    }

    public AcmeAuthorization Authorization { get; }

    public IChallengeSolver Solver => _ways.Peek().Solver;

    public AcmeChallenge Challenge => _ways.Peek().Challenge;

    public ChallengeAnswer Answer => _ways.Peek().Answer;

    /// <summary>This way does not work here; the next one is to be taken.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="passes">Whether it may work the next time, for the same order.</param>
    /// <exception cref="IssuanceException">None is left; all reasons are told. It passes when each of them does.</exception>
    public void Next(string reason, bool passes = false)
    {
        _passes &= passes;
        _reasons.Add(reason);
        _ways.Dequeue();
        if (_ways.Count == 0)
        {
            throw new IssuanceException(string.Join("; ", _reasons)) { Passes = _passes };
        }
    }
}
