using Edge.Connections;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Straight;

/// <summary>Who has asked what goes straight: takes the answer, or what there is instead of one.</summary>
internal interface IStraightClient
{
    /// <summary>Answers to it have no body.</summary>
    bool IsHead { get; }

    /// <summary>The client has left.</summary>
    CancellationToken Left { get; }

    /// <summary>Where it has to be told: the destination's connection may be of another loop. Null where it does not matter.</summary>
    EventLoop? Loop { get; }

    /// <summary>Takes the head of the answer.</summary>
    /// <param name="head">What the destination said.</param>
    /// <param name="state">What follows it.</param>
    /// <param name="connection">Where it came from.</param>
    void Begin(in ResponseHead head, HeadState state, StraightConnection connection);

    /// <summary>Takes the body, of which the first bytes may be there already.</summary>
    ValueTask<CopyEnd> CarryAsync(HeadState state, StraightConnection connection);

    /// <summary>There was no answer.</summary>
    ForwarderError Fail(ForwardFailure failure);

    /// <summary>The answer has begun, and does not come to its end. What there is of it has left.</summary>
    ForwarderError BreakOff(StraightConnection connection, CopyEnd end);
}
