using System.Text.Json;

namespace Edge.Docker;

/// <summary>The stream of an engine's events: one JSON document a line.</summary>
internal sealed class EventLines(HttpResponseMessage answer, Stream stream) : IDisposable
{
    private const int LongestLine = 1 << 20;

    private byte[] _buffer = new byte[16 << 10];
    private int _filled;
    private int _at;

    /// <summary>The containers that the next event has to do with; null at the end of the stream. Nothing for an event that says nothing new.</summary>
    /// <exception cref="EngineException">What comes is no event.</exception>
    public async Task<IReadOnlyList<EngineEvent>?> NextAsync(CancellationToken cancel)
    {
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', _at, _filled - _at);
            if (end >= 0)
            {
                var line = _buffer.AsMemory(_at, end - _at);
                _at = end + 1;
                if (line.Span.Trim((byte)'\r').IsEmpty)
                {
                    continue;
                }

                return Read(line);
            }

            // An event that breaks off is none: what it would have said is found when everything is looked at anew.
            if (!await FillAsync(cancel).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    public void Dispose()
    {
        stream.Dispose();
        answer.Dispose();
    }

    private async Task<bool> FillAsync(CancellationToken cancel)
    {
        _buffer.AsSpan(_at, _filled - _at).CopyTo(_buffer);
        (_filled, _at) = (_filled - _at, 0);
        if (_filled == _buffer.Length)
        {
            if (_buffer.Length >= LongestLine)
            {
                throw new EngineException($"tells of an event with more than {LongestLine >> 20} MiB");
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        try
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_filled), cancel).ConfigureAwait(false);
            _filled += read;
            return read > 0;
        }
        catch (IOException wrong)
        {
            throw new EngineException($"breaks off: {wrong.GetBaseException().Message}", wrong);
        }
    }

    private static IReadOnlyList<EngineEvent> Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return ContainerJson.ReadEvent(document.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            throw new EngineException($"tells of an event that cannot be read: {wrong.Message}", wrong);
        }
    }
}
