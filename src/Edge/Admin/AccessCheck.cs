using Edge.Access;
using Edge.Access.ClientCertificates;
using Edge.Access.Oidc;
using Edge.Services;
using Edge.Settings;

namespace Edge.Admin;

/// <summary>What services say of their users, beside what edge.yaml knows of them: a service that refers to nothing lets nobody in.</summary>
internal static class AccessCheck
{
    public static IEnumerable<string> Of(EdgeOptions options, ServiceSet services)
    {
        var problems = new ProblemList();
        var known = options.Access.Users;
        if (options.Access.UsersFile is { } file && UserTable.Read(file, problems) is { } filed)
        {
            known = filed.SetItems(known);
        }

        foreach (var (service, access) in services.Services.Where(service => service.Access is not null).Select(service => (service, service.Access!)))
        {
            switch (access.Auth)
            {
                case AuthKind.Basic when known.IsEmpty:
                    problems.Add(new Problem(service.Where, 0, $"services.{service.Name}.auth", "basic: nobody has a password", "add users under access.users in edge.yaml; \"edge access hash\" makes their hashes"));
                    break;
                case AuthKind.Oidc when options.Access.Oidc is null:
                    problems.Add(new Problem(service.Where, 0, $"services.{service.Name}.auth", "oidc: edge.yaml names no provider", "add access.oidc.issuer and access.oidc.client-id"));
                    break;
                case AuthKind.Oidc when service.Hosts.FirstOrDefault(host => !OidcOptions.IsAtOrBelow(host, options.Access.Oidc!.Domain)) is { } outside:
                    problems.Add(new Problem(service.Where, 0, $"services.{service.Name}.auth", $"oidc: a login holds for hosts of {options.Access.Oidc!.Domain}, and {outside} is none"));
                    break;
                case AuthKind.Forward when options.Access.Forward is null:
                    problems.Add(new Problem(service.Where, 0, $"services.{service.Name}.auth", "forward: edge.yaml names no server to ask", "add access.forward.url"));
                    break;
            }

            if (access.ClientCert is { } authorities && authorities != ServiceAccess.EdgesOwn)
            {
                CheckCertificates(service, authorities, access.ClientCrl, problems);
            }

            foreach (var user in access.Users.Where(user => !known.ContainsKey(user)))
            {
                problems.Add(new Problem(service.Where, 0, $"services.{service.Name}.users", $"\"{user}\" has no password in edge.yaml or the users file"));
            }
        }

        return problems.All.Select(problem => problem.ToString());
    }

    private static void CheckCertificates(Service service, string file, string? revoked, ProblemList problems)
    {
        var wrong = new ProblemList();
        var authorities = AuthorityFile.Read(file, wrong);
        Tell("client-cert", wrong.All.Select(problem => problem.ToString()));
        if (authorities is null || revoked is null)
        {
            return;
        }

        wrong = new ProblemList();
        var lists = RevocationFile.Read(revoked, authorities, wrong);
        Tell("client-crl", wrong.All.Select(problem => problem.ToString()));
        if (lists is { } read && RevocationFile.Overdue(read, TimeProvider.System.GetUtcNow()) is { } overdue)
        {
            Tell("client-crl", [$"{revoked}: {overdue}"]);
        }

        void Tell(string key, IEnumerable<string> all) => all.ToList().ForEach(one => problems.Add(new Problem(service.Where, 0, $"services.{service.Name}.{key}", one)));
    }
}
