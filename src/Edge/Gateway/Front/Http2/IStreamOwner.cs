using Edge.Gateway.Straight;

namespace Edge.Gateway.Front.Http2;

/// <summary>The connection of <see cref="FrontStreams"/>.</summary>
internal interface IStreamOwner
{
    /// <summary>The web server has to answer a stream.</summary>
    /// <param name="stream">The stream; it is used for another one afterwards.</param>
    /// <param name="failure">What its destination did; null where it was not asked in vain.</param>
    void Relay(FrontStream stream, ForwardFailure? failure);

    /// <summary>A stream has ended.</summary>
    void Ended();

    /// <summary>Something went wrong that should not.</summary>
    void Fail(Exception wrong);
}
