namespace Edge.Tests.Certificates.Acme;

/// <summary>The way to the CA, until the process dies: before the request leaves, or before its answer arrives.</summary>
internal sealed class MortalWire(HttpMessageHandler server, Fate fate) : DelegatingHandler(server)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var step = fate.Enter();
        var response = await base.SendAsync(request, cancellationToken);
        fate.Leave(step);
        return response;
    }
}
