namespace Edge.AcmeServer;

/// <summary>Why a name was not proven.</summary>
/// <param name="Error">The ACME error: "connection", "dns", "tls", "unauthorized".</param>
/// <param name="Detail">For a person.</param>
internal sealed record ChallengeFailure(string Error, string Detail)
{
    /// <summary>Whether another attempt may end otherwise: something was on its way, or is not known everywhere yet.</summary>
    public bool MayPass => Error is "connection" or "dns" or "tls";
}
