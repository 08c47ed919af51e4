namespace Edge.Gateway.Front.Http2;

/// <summary>The connection of a <see cref="Relay"/>.</summary>
internal interface IRelayOwner
{
    /// <summary>A stream has ended.</summary>
    void Ended(RelayedStream stream);

    /// <summary>The web server has ended. It has no streams any more.</summary>
    void Over(Relay relay);

    /// <summary>The web server has found that the client does what ends its connection.</summary>
    void Fail(ErrorCode code);

    /// <summary>Something went wrong that should not.</summary>
    void Fail(Exception wrong);

    /// <summary>The connection is to end, as soon as nothing is under way. From any thread.</summary>
    void End();
}
