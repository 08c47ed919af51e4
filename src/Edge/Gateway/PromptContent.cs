using System.Net;

namespace Edge.Gateway;

/// <summary>A body of unknown length whose every piece is sent at once.</summary>
internal sealed class PromptContent : CarriedBody
{
    public PromptContent(HttpContent body)
        : base(body)
    {
        foreach (var (name, values) in body.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Body.CopyToAsync(new PromptStream(stream), context, cancellationToken);
}
