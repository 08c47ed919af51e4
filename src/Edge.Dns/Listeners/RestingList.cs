namespace Edge.Dns.Listeners;

/// <summary>The connections of one thread in the order of their last activity: touching, adding and removing cost the same however many there are.</summary>
internal sealed class RestingList
{
    private LoopConnection? _last;

    /// <summary>The one that rests longest; null when there is none.</summary>
    public LoopConnection? First { get; private set; }

    public int Count { get; private set; }

    public void Add(LoopConnection connection)
    {
        connection.Earlier = _last;
        connection.Later = null;
        if (_last is null)
        {
            First = connection;
        }
        else
        {
            _last.Later = connection;
        }

        _last = connection;
        Count++;
    }

    public void Remove(LoopConnection connection)
    {
        if (connection.Earlier is null)
        {
            First = connection.Later;
        }
        else
        {
            connection.Earlier.Later = connection.Later;
        }

        if (connection.Later is null)
        {
            _last = connection.Earlier;
        }
        else
        {
            connection.Later.Earlier = connection.Earlier;
        }

        connection.Earlier = connection.Later = null;
        Count--;
    }

    /// <summary>Makes it the one that rests least.</summary>
    public void Touch(LoopConnection connection)
    {
        if (_last != connection)
        {
            Remove(connection);
            Add(connection);
        }
    }
}
