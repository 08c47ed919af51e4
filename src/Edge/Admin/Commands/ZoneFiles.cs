using System.CommandLine;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary>What people name on the command line when they mean a zone file: a path, or a zone of the zones folder.</summary>
internal sealed class ZoneFiles
{
    private const string Extension = ".zone";

    private readonly string _folder;
    private readonly string _shownAs;
    private readonly string[] _views;
    private readonly Name? _origin;

    private ZoneFiles(EdgeOptions options, Name? origin)
    {
        _folder = Path.TrimEndingDirectorySeparator(options.PathOf(options.Zones));
        _shownAs = options.Zones;
        _views = [.. options.Views.Select(view => view.Name)];
        _origin = origin;
    }

    public static Option<string?> OriginOption() => new("--origin") { Description = "The zone of a file that is not named ORIGIN.zone" };

    /// <summary>The files around an edge.yaml; where there is none, the folder "zones" beside where it would be.</summary>
    /// <param name="config">Path of edge.yaml.</param>
    /// <param name="origin">The value of --origin.</param>
    public static ZoneFiles Open(string config, string? origin)
    {
        var options = File.Exists(config) || config != EdgeOptionsFile.DefaultName ? EdgeOptionsFile.Load(config, new ProblemList()) : new EdgeOptions();
        return new ZoneFiles(options, origin is null ? null : ParseOrigin(origin, "--origin"));
    }

    /// <summary>All problems of the zones folder.</summary>
    public IReadOnlyList<ZoneProblem> CheckAll() => ZoneFileSource.Check(_folder, _shownAs, _views);

    /// <summary>All problems of one file, or of one zone of the zones folder in every view.</summary>
    /// <param name="target">A path or the name of a zone.</param>
    /// <exception cref="CommandFailedException">There is no such file and no such zone.</exception>
    public IReadOnlyList<ZoneProblem> Check(string target)
    {
        if (!File.Exists(target))
        {
            return ZoneFileSource.Check(_folder, _shownAs, _views, ZoneOf(target));
        }

        var path = Path.GetFullPath(target);
        return _origin is null && Served(path) is { } origin
            ? ZoneFileSource.Check(_folder, _shownAs, _views, origin)
            : ZoneFile.Check(path, target, OriginOf(target));
    }

    /// <summary>The zone that a file is about: what --origin says, else what its name says.</summary>
    public Name OriginOf(string file)
    {
        if (_origin is not null)
        {
            return _origin;
        }

        return Path.GetExtension(file) == Extension
            ? ParseOrigin(Path.GetFileNameWithoutExtension(file), file)
            : throw new CommandFailedException($"which zone is {file}? Its name is not ORIGIN{Extension}: say it with --origin example.com");
    }

    /// <summary>A zone's name; <paramref name="where"/> says where it was written.</summary>
    public static Name ParseOrigin(string text, string where) => Name.TryParse(text, Name.Root, out var origin, out var error)
        ? origin
        : throw new CommandFailedException($"{where}: \"{text}\" is no zone name: {error}");

    // A file that is served is judged the way it is served: together with the other files of its zone.
    private Name? Served(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        var inside = folder == _folder || _views.Any(view => folder == Path.Combine(_folder, view));
        return inside && Path.GetExtension(path) == Extension ? OriginOf(path) : null;
    }

    private Name ZoneOf(string target)
    {
        if (target.Contains(Path.DirectorySeparatorChar) || !Name.TryParse(target, Name.Root, out var origin, out _)
            || _views.Select(view => Path.Combine(_folder, view)).Prepend(_folder).All(folder => FileOf(folder, origin) is null))
        {
            throw new CommandFailedException($"there is no file {target}, and no zone of that name in {_shownAs}/");
        }

        return origin;
    }

    private static string? FileOf(string folder, Name origin) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + Extension)
            .FirstOrDefault(file => Name.TryParse(Path.GetFileNameWithoutExtension(file), Name.Root, out var name, out _) && name == origin)
        : null;
}
