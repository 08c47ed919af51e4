namespace Edge.Dns.Multicast;

/// <summary>Something that is to be done at times that others decide: it waits once, however many of them want it.</summary>
internal sealed class Appointment(Agenda agenda, Action action)
{
    private TimeSpan? _due;

    /// <summary>It is to be done then, if it is not to be done earlier anyway.</summary>
    public void By(TimeSpan due)
    {
        if (!(_due <= due))
        {
            _due = due;
            agenda.Set(this, due);
        }
    }

    /// <summary>Its time has come.</summary>
    public void Keep()
    {
        _due = null;
        action();
    }
}
