using System.Runtime.CompilerServices;

namespace Edge.Connections;

/// <summary>
/// The same of one method. Those that wait for their next use lie by thread, as many as a loop has requests under way at once, so
/// that nothing is allocated and nothing is shared.
/// </summary>
/// <typeparam name="TResult">Its result.</typeparam>
/// <typeparam name="TMethod">The compiler's object of the method.</typeparam>
internal sealed class LoopMethodBoxOf<TResult, TMethod> : LoopMethodBox<TResult>
    where TMethod : IAsyncStateMachine
{
    private const int Most = 512;

    [ThreadStatic]
    private static LoopMethodBoxOf<TResult, TMethod>? _free;

    [ThreadStatic]
    private static int _count;

    private LoopMethodBoxOf<TResult, TMethod>? _next;
    private TMethod? _method;

    private LoopMethodBoxOf()
    {
    }

    /// <summary>The method, as it is while it waits.</summary>
    public ref TMethod? Method => ref _method;

    /// <summary>One that nobody uses.</summary>
    public static LoopMethodBoxOf<TResult, TMethod> Take()
    {
        if (_free is not { } box)
        {
            return new LoopMethodBoxOf<TResult, TMethod>();
        }

        (_free, box._next) = (box._next, null);
        _count--;
        return box;
    }

    protected override void MoveNext() => _method!.MoveNext();

    protected override void PutBack()
    {
        _method = default;
        if (_count < Most)
        {
            (_next, _free) = (_free, this);
            _count++;
        }
    }
}
