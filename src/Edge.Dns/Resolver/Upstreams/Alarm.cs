namespace Edge.Dns.Resolver.Upstreams;

/// <summary>Something that wants to be told when a time has come, unless it is over before.</summary>
internal abstract class Alarm
{
    /// <summary>Its neighbours in the list it waits in, under the lock of <see cref="AlarmClock"/>.</summary>
    internal Alarm? Next;

    internal Alarm? Previous;

    /// <summary>The step at which it goes off; -1 while it is not set.</summary>
    internal long Due = -1;

    /// <summary>The time has come. Called on a timer's thread; must not wait.</summary>
    protected internal abstract void OnAlarm();
}
