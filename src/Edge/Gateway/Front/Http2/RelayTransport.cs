using System.IO.Pipelines;
using Edge.Connections;

namespace Edge.Gateway.Front.Http2;

/// <summary>The way between the front and the web server, whose threads are others.</summary>
internal sealed class RelayTransport : IDuplexPipe
{
    private const int MostIn = 256 * 1024;

    // More than any answer's fields, which are taken as a whole. Bodies are held by their window.
    private const int MostOut = 1024 * 1024;

    private readonly Pipe _in;
    private readonly Pipe _out;

    public RelayTransport(EventLoop loop)
    {
        var turns = new LoopScheduler(loop);
        _in = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: turns, pauseWriterThreshold: MostIn, resumeWriterThreshold: MostIn / 2, useSynchronizationContext: false));
        _out = new Pipe(new PipeOptions(readerScheduler: turns, writerScheduler: PipeScheduler.ThreadPool, pauseWriterThreshold: MostOut, resumeWriterThreshold: MostOut / 2, useSynchronizationContext: false));
    }

    /// <summary>What the web server reads.</summary>
    public PipeReader Input => _in.Reader;

    /// <summary>What the web server writes.</summary>
    public PipeWriter Output => _out.Writer;

    public PipeWriter ToServer => _in.Writer;

    public PipeReader FromServer => _out.Reader;
}
