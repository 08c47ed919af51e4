using System.Collections.Immutable;
using Edge.Services;

namespace Edge.Tests.Services;

/// <summary>A source that declares what a test says: "photos: a.x b.x -> http://h".</summary>
internal sealed class StillSource(string kind) : IServiceSource
{
    public event Action? Changed;

    public string Kind => kind;

    public ImmutableArray<Service> Current { get; private set; } = [];

    public void Declare(params string[] services)
    {
        Current = [.. services.Select(Read)];
        Changed?.Invoke();
    }

    private Service Read(string text, int at)
    {
        var words = text.Split(' ', ':');
        return new Service
        {
            Name = words[0],
            Hosts = [.. words.Skip(1).Where(word => word.Length > 0)],
            To = [new Uri("http://h")],
            Source = kind,
            Where = $"{kind} {at + 1}",
        };
    }
}
