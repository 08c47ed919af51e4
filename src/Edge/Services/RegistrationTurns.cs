namespace Edge.Services;

/// <summary>
/// Lets those wait for each other who want the same name or host, in the order in which they came, so that each is checked
/// against all that were accepted before. Who has nothing to do with the others waits for nobody.
/// </summary>
internal sealed class RegistrationTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Turn> _last = new(StringComparer.Ordinal);

    /// <summary>Comes when nobody who came before has any of these; they are held until it is disposed.</summary>
    /// <param name="wanted">The name and the hosts, in any order.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<IDisposable> TakeAsync(IEnumerable<string> wanted, CancellationToken cancel)
    {
        var (turn, others) = Enter([.. wanted.Distinct(StringComparer.Ordinal)]);
        var before = Task.WhenAll(others);
        try
        {
            await before.WaitAsync(cancel).ConfigureAwait(false);
            return turn;
        }
        catch
        {
            // Who waits for this one waits for those before it as well.
            _ = before.ContinueWith(static (_, turn) => ((Turn)turn!).Dispose(), turn, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    private (Turn Turn, List<Task> Others) Enter(string[] wanted)
    {
        var turn = new Turn(this, wanted);
        var others = new List<Task>();
        lock (_lock)
        {
            foreach (var one in wanted)
            {
                if (_last.TryGetValue(one, out var other))
                {
                    others.Add(other.Over);
                }

                _last[one] = turn;
            }
        }

        return (turn, others);
    }

    private void Leave(Turn turn, string[] wanted)
    {
        lock (_lock)
        {
            foreach (var one in wanted)
            {
                if (_last.GetValueOrDefault(one) == turn)
                {
                    _last.Remove(one);
                }
            }
        }
    }

    private sealed class Turn(RegistrationTurns turns, string[] wanted) : IDisposable
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Over => _over.Task;

        public void Dispose()
        {
            turns.Leave(this, wanted);
            _over.TrySetResult();
        }
    }
}
