using System.CommandLine;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge explain NAME --from ADDRESS</c>: view, records, certificate, route and destination, each with its origin.</summary>
internal static class ExplainCommand
{
    public static Command Build()
    {
        var name = new Argument<string>("name") { Description = "A host name or a URL" };
        var from = new Option<string>("--from") { Description = "The client's address", DefaultValueFactory = _ => "127.0.0.1" };
        var command = new ApiCommand("explain", "Say what a client gets for a name, and why") { name, from };
        command.Does(async (parsed, api, cancel) =>
        {
            var path = $"v1/explain?name={Uri.EscapeDataString(parsed.GetValue(name)!)}&from={Uri.EscapeDataString(parsed.GetValue(from)!)}";
            var explanation = await api.GetAsync(path, ReportJson.Default.Explanation, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(explanation, ReportJson.Default.Explanation));
            }
            else
            {
                Write(Console.Out, explanation);
            }

            return 0;
        });
        return command;
    }

    private static void Write(TextWriter to, Explanation explanation)
    {
        to.WriteLine($"{explanation.Name} asked for by {explanation.From}");
        Line(to, "view", $"{explanation.View.Name}: {explanation.View.Why}");
        Line(to, "zone", explanation.Zone ?? "none of ours");
        if (explanation.Filter is { } filter)
        {
            Line(to, "filter", $"{filter.State}, group {filter.Group}: {filter.Why}");
            if (filter.ToAllow is { } allow)
            {
                Line(to, "to allow it", allow);
            }
        }

        foreach (var answer in explanation.Answers)
        {
            Line(to, answer.Type, answer.Found);
            foreach (var record in answer.Records)
            {
                to.WriteLine($"    {record.Text}");
                to.WriteLine($"        from {record.Source}");
            }
        }

        Line(to, "service", explanation.Service ?? "none declares this name");
        Line(to, "certificate", explanation.Certificate is { } certificate
            ? $"{string.Join(", ", certificate.Names)} by {certificate.Issuer}, until {certificate.NotAfter:yyyy-MM-dd HH:mm'Z'}, {certificate.State}"
            : "none");
        foreach (var route in explanation.Routes)
        {
            Line(to, "route", $"{route.Id}{(route.Path is null ? "" : " for " + route.Path)} ({route.Where}){(route.Refused is null ? "" : " refused: " + route.Refused)}{(route.Takes is true ? ", which takes this URL" : "")}");
            foreach (var guard in route.Access ?? [])
            {
                Line(to, "access", guard);
            }

            foreach (var destination in route.Destinations)
            {
                Line(to, "destination", $"{destination.Address} {destination.Health}");
            }
        }

        if (explanation.Routes.IsEmpty)
        {
            Line(to, "route", "none: the gateway answers 404");
        }
        else if (explanation.Routes.All(route => route.Takes is false))
        {
            Line(to, "route", "none of these takes this URL: the gateway answers 404");
        }

        foreach (var note in explanation.Notes)
        {
            Line(to, "note", note);
        }
    }

    private static void Line(TextWriter to, string title, string text) => to.WriteLine($"  {title,-12} {text}");
}
