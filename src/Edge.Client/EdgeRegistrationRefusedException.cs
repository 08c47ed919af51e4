namespace Edge.Client;

/// <summary>Edge refused a registration while the application started, and <see cref="EdgeRegistrationOptions.RefusalFailsStart"/> is set.</summary>
public sealed class EdgeRegistrationRefusedException : Exception
{
    /// <summary>A refusal without a reason.</summary>
    public EdgeRegistrationRefusedException()
    {
    }

    /// <summary>A refusal with Edge's reason.</summary>
    public EdgeRegistrationRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with Edge's reason and what is behind it.</summary>
    public EdgeRegistrationRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
