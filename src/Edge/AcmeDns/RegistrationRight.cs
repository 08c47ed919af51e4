namespace Edge.AcmeDns;

/// <summary>Who may register.</summary>
internal enum RegistrationRight
{
    /// <summary>Nobody new; who is registered goes on.</summary>
    Nobody,

    /// <summary>The clients of the view "lan".</summary>
    Lan,

    /// <summary>Everybody, or everybody who knows the key where there is one.</summary>
    Everybody,
}
