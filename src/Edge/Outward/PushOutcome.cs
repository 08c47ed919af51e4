namespace Edge.Outward;

/// <summary>What became of a push.</summary>
internal enum PushOutcome
{
    /// <summary>The name has the addresses now.</summary>
    Sent,

    /// <summary>It had them already.</summary>
    Unchanged,

    /// <summary>The name is there and not ours: it was left alone.</summary>
    Foreign,

    /// <summary>The other side said no, and would say it again: nothing is sent before the settings or the secret are others.</summary>
    Refused,

    /// <summary>It did not work this time.</summary>
    Failed,
}
