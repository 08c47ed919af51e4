namespace Edge.Gateway.Front.Http2;

/// <summary>The connection of <see cref="ClientFrames"/>.</summary>
internal interface IFrameOwner
{
    /// <summary>Whether a stream more may be open.</summary>
    bool MayOpen { get; }

    /// <summary>The way to the web server, which begins where there is none.</summary>
    Relay Relay { get; }

    /// <summary>The same where there is one.</summary>
    Relay? Running { get; }

    /// <summary>The connection is to end, as soon as nothing is under way.</summary>
    void End();
}
