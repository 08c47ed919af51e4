using Edge.Settings;

namespace Edge.Access;

/// <summary>A feed of decisions in the form of CrowdSec's local API.</summary>
/// <param name="Url">The API's address.</param>
/// <param name="KeyFile">A file with the key of a bouncer, a full path; it is read anew for every connection that fails.</param>
/// <param name="Every">How often it is asked.</param>
internal sealed record CrowdSecOptions(Uri Url, string KeyFile, TimeSpan Every)
{
    public static CrowdSecOptions? Read(MapReader section, string folder)
    {
        var (url, file, every) = (section.Text("url"), section.Text("key-file"), section.Duration("every") ?? TimeSpan.FromSeconds(10));
        section.Done();
        if (url is null || file is null)
        {
            section.Problems.Add(section.Map, $"needs {(url is null ? "url" : "key-file")}", "url: http://127.0.0.1:8080 and key-file: crowdsec.key, with the key that \"cscli bouncers add edge\" prints");
            return null;
        }

        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var api) || api.Scheme is not ("http" or "https") || api.Host.Length == 0)
        {
            section.Problems.Add(section.Node("url")!, $"\"{url}\" is not an http or https URL", "http://127.0.0.1:8080");
            return null;
        }

        if (every < TimeSpan.FromSeconds(1) || every > TimeSpan.FromHours(1))
        {
            section.Problems.Add(section.Node("every")!, "is not a time from 1s to 1h");
            return null;
        }

        return new CrowdSecOptions(api, Path.GetFullPath(file, folder), every);
    }
}
