namespace Edge.Outward;

/// <summary>Changes names at one kind of server. What is expected to go wrong is a result; errors of the network may be thrown.</summary>
internal interface IOutwardWay
{
    /// <summary>Gives a name its addresses, if it is ours or nobody's.</summary>
    /// <param name="name">The name.</param>
    /// <param name="addresses">What it is to have: of the families that it has, and no others.</param>
    /// <param name="hasSent">Whether the name took what this box sent before.</param>
    /// <param name="secret">The password, token or key.</param>
    /// <param name="cancel">Ends it.</param>
    Task<PushResult> PushAsync(OutwardName name, PushedAddresses addresses, bool hasSent, string secret, CancellationToken cancel);
}
