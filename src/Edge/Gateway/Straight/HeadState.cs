namespace Edge.Gateway.Straight;

/// <summary>What is known of an answer.</summary>
/// <param name="Status">0 while its head is not there.</param>
/// <param name="Body">How its body ends.</param>
/// <param name="BodyLength">How long it is, if it says so.</param>
/// <param name="KeepsAlive">The connection may carry another request.</param>
internal readonly record struct HeadState(int Status, BodyKind Body, long BodyLength, bool KeepsAlive)
{
    /// <summary>One that has to be read with more patience.</summary>
    public static readonly HeadState Strange = new(1, BodyKind.None, 0, false);

    public bool IsStrange => this == Strange;
}
