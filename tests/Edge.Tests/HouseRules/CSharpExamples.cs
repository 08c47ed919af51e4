using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Edge.Tests.HouseRules;

/// <summary>The programs in the documents, put to the compiler as a web project's Program.cs.</summary>
internal static class CSharpExamples
{
    private const string Usings = "global using System; global using System.Linq; global using System.Threading.Tasks; global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting; global using Microsoft.AspNetCore.Http; global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Hosting;";

    public static IReadOnlyList<string> In(string document) =>
        [.. Regex.Matches(Repository.Text(document), @"```csharp\r?\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    /// <summary>What the compiler has against it.</summary>
    public static IEnumerable<string> Errors(string example)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("example", [CSharpSyntaxTree.ParseText(example), CSharpSyntaxTree.ParseText(Usings)], references, new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        return compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString());
    }
}
