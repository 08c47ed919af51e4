using System.CommandLine;

namespace Edge.Admin.Commands;

/// <summary><c>edge health</c>: exit code 0 when the running Edge serves; for containers and monitors.</summary>
internal static class HealthCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("health", "Exit with 0 when the running Edge serves");
        command.Does(async (_, api, cancel) =>
        {
            using var answer = await api.SendAsync(new HttpRequestMessage(HttpMethod.Get, "healthz"), cancel);
            Console.Write(await answer.Content.ReadAsStringAsync(cancel));
            return 0;
        });
        return command;
    }
}
