namespace Edge.Tests.Certificates.Acme;

/// <summary>At which step a process dies: every request and every write is one. The dead do nothing more.</summary>
/// <param name="last">The step.</param>
/// <param name="before">Whether the step itself still happens.</param>
internal sealed class Fate(int last, bool before)
{
    private int _steps;
    private bool _dead;

    public int Steps => _steps;

    /// <summary>Whether the disk takes nothing more.</summary>
    public bool Full { get; set; }

    public T Step<T>(Func<T> work)
    {
        var step = Enter();
        var result = work();
        Leave(step);
        return result;
    }

    public int Enter()
    {
        var step = _steps++;
        if (_dead || (step == last && before))
        {
            _dead = true;
            throw new KilledException();
        }

        return step;
    }

    public void Leave(int step)
    {
        if (step == last)
        {
            _dead = true;
            throw new KilledException();
        }
    }
}
