namespace Edge.Gateway;

/// <summary>
/// What a client uploads without saying how much it will be goes on as it comes. The framework's client keeps up to 4 KiB of
/// a body until more comes, which a destination that answers each piece would wait for.
/// </summary>
internal sealed class PromptUploads(HttpMessageHandler next) : DelegatingHandler(next)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { Headers.ContentLength: null } body)
        {
            request.Content = new PromptContent(body);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
