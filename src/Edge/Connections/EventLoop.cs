using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Edge.Connections;

/// <summary>
/// One thread that waits for many sockets and runs whatever their news set going, to the point where it waits again:
/// a request and its answer never leave it. Nothing that blocks may run here.
/// </summary>
internal sealed unsafe partial class EventLoop
{
    private const int EventBatch = 256;
    private const ulong WakerToken = ulong.MaxValue;

    [ThreadStatic]
    private static EventLoop? _current;

    private readonly ILogger _logger;
    private readonly SocketDescriptor _poll = LinuxSockets.CreatePoll();
    private readonly SocketDescriptor _waker = LinuxSockets.CreateWaker();
    private readonly Lock _slotsLock = new();
    private readonly Stack<int> _free = new();
    private readonly ConcurrentQueue<(Action<object?> Work, object? State)> _posted = new();
    private readonly List<(Action<object?> Work, object? State)> _turnEnd = [];
    private readonly List<LoopSender> _unsent = [];
    private readonly Thread _thread;
    private uint _generation;
    private Slot?[] _slots = new Slot?[64];
    private int _used;
    private int _asleep;
    private volatile bool _stopping;

    public EventLoop(int number, ILogger logger)
    {
        (_logger, Number) = (logger, number);
        LinuxSockets.Add(_poll, _waker, LinuxSockets.In, WakerToken);
        _thread = new Thread(RunTurns) { IsBackground = true, Name = $"edge-loop-{number}" };
        _thread.Start();
    }

    /// <summary>Which of the loops it is, from 0.</summary>
    public int Number { get; }

    /// <summary>The loop whose thread this is; null on any other.</summary>
    public static EventLoop? Current => _current;

    /// <summary>Tells <paramref name="handler"/> of a descriptor's news until it is removed.</summary>
    /// <returns>What <see cref="Remove"/> wants.</returns>
    public ulong Add(SafeHandle descriptor, ILoopHandler handler, uint events)
    {
        ulong token;
        lock (_slotsLock)
        {
            if (!_free.TryPop(out var index))
            {
                if (_used == _slots.Length)
                {
                    Array.Resize(ref _slots, _used * 2);
                }

                index = _used++;
            }

            token = ((ulong)++_generation << 32) | (uint)index;
            Volatile.Write(ref _slots[index], new Slot(token, handler));
        }

        try
        {
            LinuxSockets.Add(_poll, descriptor, events, token);
            return token;
        }
        catch
        {
            Forget(token);
            throw;
        }
    }

    /// <summary>Takes a descriptor that stays open out of the loop.</summary>
    public void Remove(SafeHandle descriptor, ulong token)
    {
        if (!descriptor.IsClosed && !_poll.IsClosed)
        {
            LinuxSockets.Remove(_poll, descriptor);
        }

        Forget(token);
    }

    /// <summary>Forgets the handler of a descriptor that is closed, which leaves the kernel's set by itself.</summary>
    public void Forget(ulong token)
    {
        lock (_slotsLock)
        {
            var index = (int)(uint)token;
            if (_slots[index]?.Token == token)
            {
                _slots[index] = null;
                _free.Push(index);
            }
        }
    }

    /// <summary>Runs something on this loop's thread, in its next turn. From any thread.</summary>
    public void Post(Action<object?> work, object? state)
    {
        _posted.Enqueue((work, state));
        if (_current != this && Interlocked.Exchange(ref _asleep, 0) == 1)
        {
            LinuxSockets.Wake(_waker);
        }
    }

    /// <summary>Runs something when everything else of this turn has run. On this loop's thread.</summary>
    public void PostToTurnEnd(Action<object?> work, object? state) => _turnEnd.Add((work, state));

    /// <summary>Has a socket send what it holds back when the turn ends. On this loop's thread.</summary>
    public void SendAtTurnEnd(LoopSender sender) => _unsent.Add(sender);

    /// <summary>Ends the thread. What is still open on this loop gets no more news.</summary>
    public void Stop()
    {
        _stopping = true;
        LinuxSockets.Wake(_waker);
        if (_current != this)
        {
            _thread.Join();
        }
    }

    private void RunTurns()
    {
        _current = this;
        ShortTurns.Ask();
        var events = stackalloc byte[EventBatch * 16];
        while (!_stopping)
        {
            Interlocked.Exchange(ref _asleep, 1);
            var count = LinuxSockets.Wait(_poll, events, EventBatch, _posted.IsEmpty ? -1 : 0);
            Volatile.Write(ref _asleep, 0);
            for (var i = 0; i < count; i++)
            {
                var entry = events + (i * LinuxSockets.EventSize);
                Tell(LinuxSockets.DataOf(entry), LinuxSockets.EventsOf(entry));
            }

            RunPosted();
            EndTurn();
        }

        _poll.Dispose();
        _waker.Dispose();
    }

    private void Tell(ulong token, uint events)
    {
        if (token == WakerToken)
        {
            LinuxSockets.ClearWaker(_waker);
            return;
        }

        // One that was closed in the same turn is not there any more.
        var slot = Volatile.Read(ref Volatile.Read(ref _slots)[(int)(uint)token]);
        try
        {
            if (slot?.Token == token)
            {
                slot.Handler.OnEvents(events);
            }
        }
        catch (Exception wrong)
        {
            Log.Failed(_logger, wrong);
        }
    }

    // Only what was there when the turn began: what posts itself again must not keep the sockets waiting.
    private void RunPosted()
    {
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var item); left--)
        {
            Run(item.Work, item.State);
        }
    }

    // What is written in a turn is sent together at its end: the first send wakes the peers' processor, for the others
    // it is awake. Sent one by one between other work, each would find it asleep again, and to wake it is the dearest
    // part of a send.
    private void EndTurn()
    {
        while (_turnEnd.Count > 0 || _unsent.Count > 0)
        {
            for (var i = 0; i < _turnEnd.Count; i++)
            {
                Run(_turnEnd[i].Work, _turnEnd[i].State);
            }

            _turnEnd.Clear();
            for (var i = 0; i < _unsent.Count; i++)
            {
                _unsent[i].SendHeld();
            }

            _unsent.Clear();
        }
    }

    private void Run(Action<object?> work, object? state)
    {
        try
        {
            work(state);
        }
        catch (Exception wrong)
        {
            Log.Failed(_logger, wrong);
        }
    }

    private sealed record Slot(ulong Token, ILoopHandler Handler);

    private static partial class Log
    {
        [LoggerMessage(5900, LogLevel.Error, "Something on an event loop failed")]
        public static partial void Failed(ILogger logger, Exception wrong);
    }
}
