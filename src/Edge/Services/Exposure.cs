namespace Edge.Services;

/// <summary>Who a service is for.</summary>
internal enum Exposure
{
    /// <summary>Clients of the view "lan" only: no name in any other view, and the gateway knows it for nobody else.</summary>
    Lan,

    /// <summary>Everybody: a name in every view.</summary>
    Everywhere,
}
