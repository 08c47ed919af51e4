using System.Globalization;
using System.Net;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Edge.Admin;

/// <summary>GET /v1/zones/ORIGIN/file?view=VIEW or ?from=ADDRESS: a zone as it is served now, as a zone file.</summary>
internal sealed class ZoneTextEndpoint(NamesRoom names, TimeProvider time)
{
    public void Map(IEndpointRouteBuilder endpoints, AdminGuard guard) => endpoints.MapRead("/v1/zones/{origin}/file", guard.Protect(AnswerAsync));

    private Task AnswerAsync(HttpContext context)
    {
        var zones = names.Zones.Current;
        var asked = context.Request.RouteValues["origin"] as string ?? "";
        if (!Name.TryParse(asked, Name.Root, out var origin, out var error))
        {
            return AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, $"\"{asked}\" is no zone name: {error}");
        }

        var served = Enumerable.Range(0, zones.Views.Length).SelectMany(one => zones.Zones(one)).Select(one => one.Origin).ToHashSet();
        if (!served.Contains(origin))
        {
            return AdminProblem.WriteAsync(context, StatusCodes.Status404NotFound, $"no zone {origin.ToHostString()} here; the zones are {Listed(served)}");
        }

        if (!TryChooseView(context.Request.Query, zones, out var view, out var wrong))
        {
            return AdminProblem.WriteAsync(context, StatusCodes.Status400BadRequest, wrong);
        }

        var zone = zones.Find(view, origin.Wire);
        if (zone is null || zone.Origin != origin)
        {
            return AdminProblem.WriteAsync(
                context, StatusCodes.Status404NotFound,
                $"the view {zones.Views[view]} has no zone {origin.ToHostString()}; its zones are {Listed(zones.Zones(view).Select(one => one.Origin))}");
        }

        return WriteAsync(context, zone, zones.Views[view]);
    }

    private static string Listed(IEnumerable<Name> origins) => string.Join(", ", origins.Select(origin => origin.ToHostString()).Order(StringComparer.Ordinal));

    private bool TryChooseView(IQueryCollection query, ZoneSet zones, out int view, out string wrong)
    {
        var (name, from) = (query["view"].ToString(), query["from"].ToString());
        view = -1;
        wrong = $"say whose zone is meant: --view VIEW or --from ADDRESS (in a URL ?view=VIEW or ?from=ADDRESS); the views are {string.Join(", ", zones.Views)}";
        if (name.Length > 0)
        {
            view = zones.IndexOf(name);
            wrong = $"there is no view \"{name}\"; the views are {string.Join(", ", zones.Views)}";
        }
        else if (from.Length > 0 && !IPAddress.TryParse(from, out _))
        {
            wrong = $"from: \"{from}\" is not an IP address";
        }
        else if (from.Length > 0)
        {
            view = zones.IndexOf(names.Views.Current.Explain(IPAddress.Parse(from)).View.Name);
        }
        else if (zones.Views.Length == 1)
        {
            view = 0;
        }

        return view >= 0;
    }

    private async Task WriteAsync(HttpContext context, Zone zone, string view)
    {
        // RFC 4027.
        context.Response.ContentType = "text/dns; charset=us-ascii";
        context.Response.Headers.CacheControl = "no-store";
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write($"; {zone.Origin} as the view {view} sees it, serial {zone.Serial}, {time.GetUtcNow():yyyy-MM-dd HH:mm:ss'Z'}\n");
        ZoneText.Write(zone, text);
        await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), context.RequestAborted);
    }
}
