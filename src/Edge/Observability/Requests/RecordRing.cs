namespace Edge.Observability.Requests;

/// <summary>
/// Hands records from the threads that serve to the one that writes: no lock, no wait, and where it is full the record
/// is not taken. Each cell counts its rounds, so that a writer and the reader know whose turn it is.
/// </summary>
internal sealed class RecordRing
{
    private readonly Cell[] _cells;
    private readonly int _mask;
    private long _next;
    private long _read;

    /// <param name="size">A power of two.</param>
    public RecordRing(int size)
    {
        _cells = new Cell[size];
        _mask = size - 1;
        for (var i = 0; i < size; i++)
        {
            _cells[i].Round = i;
        }
    }

    /// <summary>Puts a record in; from any thread.</summary>
    /// <param name="record">The record, which is the reader's from then on.</param>
    /// <param name="quarter">Another quarter of the ring has been filled: time for the reader to come.</param>
    /// <returns>False where the ring is full.</returns>
    public bool TryAdd(RequestRecord record, out bool quarter)
    {
        quarter = false;
        while (true)
        {
            var place = Volatile.Read(ref _next);
            ref var cell = ref _cells[place & _mask];
            var ahead = Volatile.Read(ref cell.Round) - place;
            if (ahead < 0)
            {
                return false;
            }

            if (ahead == 0 && Interlocked.CompareExchange(ref _next, place + 1, place) == place)
            {
                cell.Record = record;
                Volatile.Write(ref cell.Round, place + 1);
                quarter = (place & (_mask >> 2)) == _mask >> 2;
                return true;
            }
        }
    }

    /// <summary>Takes the oldest record; for one thread only. Null when there is none.</summary>
    public RequestRecord? Take()
    {
        ref var cell = ref _cells[_read & _mask];
        if (Volatile.Read(ref cell.Round) != _read + 1)
        {
            return null;
        }

        var record = cell.Record;
        cell.Record = null;
        Volatile.Write(ref cell.Round, _read + _cells.Length);
        _read++;
        return record;
    }

    private struct Cell
    {
        public long Round;
        public RequestRecord? Record;
    }
}
