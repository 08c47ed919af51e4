namespace Edge.Services;

/// <summary>How many may listen to registrations at once: in all, and with one token, which keeps no other from listening.</summary>
internal sealed class ListenerLimits
{
    private const int Most = 100;
    private const int MostOfOneToken = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _listening = new(StringComparer.Ordinal);

    /// <summary>Takes a place; the problem when there is none.</summary>
    public ProblemDocument? Enter(string token)
    {
        lock (_lock)
        {
            var own = _listening.GetValueOrDefault(token);
            if (own >= MostOfOneToken)
            {
                return RegistrationProblems.TooManyListeners(MostOfOneToken, token);
            }

            if (_listening.Values.Sum() >= Most)
            {
                return RegistrationProblems.TooManyListeners(Most);
            }

            _listening[token] = own + 1;
            return null;
        }
    }

    /// <summary>Gives the place back.</summary>
    public void Leave(string token)
    {
        lock (_lock)
        {
            if (--_listening[token] == 0)
            {
                _listening.Remove(token);
            }
        }
    }
}
