using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// How much of a name a server gets to see: what it needs to know the next one, no more (RFC 9156 §2.3). Ten steps at
/// most, the first four of one label each, so that a name of a hundred labels costs ten queries at the worst.
/// </summary>
internal sealed class Minimiser(Name name)
{
    private const int MaxSteps = 10;
    private const int StepsOfOneLabel = 4;

    private int _steps;
    private bool _whole;

    /// <summary>The name to ask for next.</summary>
    /// <param name="known">The deepest name above that is known not to lead to another zone, or the zone itself.</param>
    public Name Next(Name known)
    {
        var left = name.LabelCount - known.LabelCount;
        if (_whole || left <= 1 || _steps >= MaxSteps)
        {
            return name;
        }

        var labels = _steps < StepsOfOneLabel ? 1 : Math.Max(1, left / (MaxSteps - _steps));
        _steps++;
        var next = Ancestor(known.LabelCount + labels);
        // Labels with an underscore name a service inside a zone; below them nobody delegates.
        return next.FirstLabel is [(byte)'_', ..] ? name : next;
    }

    /// <summary>Asks for the whole name from now on: a server did not bear a part of it.</summary>
    public void ShowAll() => _whole = true;

    private Name Ancestor(int labels)
    {
        var ancestor = name;
        while (ancestor.LabelCount > labels)
        {
            ancestor = ancestor.Parent!;
        }

        return ancestor;
    }
}
