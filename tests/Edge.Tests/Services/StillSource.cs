using System.Collections.Immutable;
using Edge.Dns.Snapshots;
using Edge.Services;
using Edge.Services.Routing;

namespace Edge.Tests.Services;

/// <summary>A source that declares what a test says: "photos: a.x b.x", "api@laptop: a.x/api/*" with the token and the path of a registration.</summary>
internal sealed class StillSource(SourceKind kind) : IServiceSource
{
    public event Action? Changed;

    public SourceKind Kind => kind;

    public ShardedMap<string, DeclaredGroup> Current { get; private set; } = new(StringComparer.Ordinal);

    public void Declare(params string[] services) => Say("", services.Select(Read));

    /// <summary>One file or registration says these and nothing else.</summary>
    public void Say(string group, IEnumerable<Service> services)
    {
        ImmutableArray<Service> all = [.. services];
        var next = Current.Edit();
        next.Set(group, all.IsEmpty ? null : new DeclaredGroup(0, group, all));
        Current = next.ToMap();
        Changed?.Invoke();
    }

    private Service Read(string text, int at)
    {
        var words = text.Split(' ', ':');
        var name = words[0].Split('@');
        var hosts = words.Skip(1).Where(word => word.Length > 0).Select(word => word.Split('/', 2)).ToList();
        var party = kind == SourceKind.File ? "" : name.ElementAtOrDefault(1) ?? "one";
        var where = kind == SourceKind.File ? $"{kind.Word()} {at + 1}" : $"{(kind == SourceKind.Api ? "token" : kind.Word())} {party}";
        var path = hosts.Select(parts => parts.ElementAtOrDefault(1)).FirstOrDefault(part => part is not null);
        return new Service
        {
            Name = name[0],
            Hosts = [.. hosts.Select(parts => parts[0])],
            To = [new Uri("http://h")],
            Routing = path is null ? null : new ServiceRouting([new ServiceRoute { Field = "", Where = where, Match = new RequestMatch { Paths = [new PathPattern(PathKind.Prefix, "/" + path[..^2])] } }]),
            Source = kind,
            Party = party,
            Where = where,
        };
    }
}
