using System.Net.Http.Headers;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Edge.Gateway;

/// <summary>The changes that a route makes to headers. Names and values were checked when they were read.</summary>
internal sealed class HeaderEdits(ValueList<HeaderChange> changes)
{
    public void Apply(IHeaderDictionary headers)
    {
        foreach (var change in changes)
        {
            switch (change.Kind)
            {
                case HeaderChangeKind.Set:
                    headers[change.Name] = change.Value;
                    break;
                case HeaderChangeKind.Add:
                    headers[change.Name] = StringValues.Concat(headers[change.Name], change.Value);
                    break;
                default:
                    headers.Remove(change.Name);
                    break;
            }
        }
    }

    public void Apply(HttpRequestMessage request)
    {
        foreach (var change in changes)
        {
            if (change.Kind != HeaderChangeKind.Add)
            {
                Remove(request.Headers, change.Name);
                Remove(request.Content?.Headers, change.Name);
            }

            // A header of the content, such as Content-Type, is refused by the request's own.
            if (change.Kind != HeaderChangeKind.Remove && !request.Headers.TryAddWithoutValidation(change.Name, change.Value))
            {
                request.Content?.Headers.TryAddWithoutValidation(change.Name, change.Value);
            }
        }
    }

    // Asked first, because to remove from a request what belongs to its content, or the other way round, is an exception.
    private static void Remove(HttpHeaders? headers, string name)
    {
        if (headers?.NonValidated.Contains(name) is true)
        {
            headers.Remove(name);
        }
    }
}
