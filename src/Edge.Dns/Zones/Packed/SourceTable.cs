using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>Where records came from, as one number each: lines of a file that follow each other are consecutive numbers.</summary>
internal sealed class SourceTable
{
    private readonly List<Stretch> _stretches = [];
    private int _free = 1;

    /// <summary>The number of a source; 0 for one that is unknown.</summary>
    public int Encode(RecordSource source)
    {
        if (source.Where is null)
        {
            return 0;
        }

        if (_stretches.Count == 0 || _stretches[^1] is var last && (last.FirstLine > source.Line || last.Where != source.Where))
        {
            _stretches.Add(new Stretch(_free, source.Where, source.Line));
        }

        var number = _stretches[^1].Start + (source.Line - _stretches[^1].FirstLine);
        _free = Math.Max(_free, number + 1);
        return number;
    }

    /// <summary>The source behind a number.</summary>
    public RecordSource Decode(int number)
    {
        if (number == 0)
        {
            return default;
        }

        var low = 0;
        for (var high = _stretches.Count - 1; low < high;)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _stretches[middle].Start <= number ? (middle, high) : (low, middle - 1);
        }

        return new RecordSource(_stretches[low].Where, _stretches[low].FirstLine + (number - _stretches[low].Start));
    }

    private readonly record struct Stretch(int Start, string Where, int FirstLine);
}
