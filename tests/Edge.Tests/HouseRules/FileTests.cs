using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Edge.Tests.HouseRules;

/// <summary>How a file looks: short, one type, in the folder its namespace names.</summary>
public sealed class FileTests
{
    private const int MostLines = 500;
    private const int UsualLines = 200;
    private const int MostLinesOfAMethod = 80;

    private static readonly IReadOnlyList<SourceFile> Source = [.. Repository.SourceFiles("src")];
    private static readonly IReadOnlyList<SourceFile> All = [.. Source, .. Repository.SourceFiles("tests", "benchmarks")];

    [Fact]
    public void No_file_is_longer_than_500_lines() =>
        Offences.None(All.Where(file => file.Lines > MostLines).Select(file => $"{file}: {file.Lines} lines"));

    [Fact]
    public void Most_files_are_shorter_than_200_lines()
    {
        var longer = Source.Where(file => file.Lines >= UsualLines).ToList();
        Assert.True(longer.Count <= Source.Count * 0.15, $"{longer.Count} of {Source.Count} files have {UsualLines} lines or more:\n{string.Join("\n", longer)}");
    }

    [Fact]
    public void No_method_is_longer_than_80_lines() =>
        Offences.None(All.SelectMany(file => file.Syntax.DescendantNodes().Where(IsMethod), (file, method) => (file, method, lines: Lines(method)))
            .Where(found => found.lines > MostLinesOfAMethod)
            .Select(found => $"{found.file}:{FirstLine(found.method)}: {found.lines} lines"));

    [Fact]
    public void A_file_holds_one_type_and_is_named_after_it() =>
        Offences.None(All.Where(file => !IsProgram(file)).SelectMany(WrongTypes));

    [Fact]
    public void A_namespace_is_file_scoped_and_names_the_folder() =>
        Offences.None(All.Where(file => !IsProgram(file)).SelectMany(WrongNamespaces));

    [Fact]
    public void No_region_hides_code() =>
        Offences.None(All.Where(file => file.Syntax.DescendantTrivia().Any(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))).Select(file => file.Path));

    [Fact]
    public void No_comment_is_a_note_to_self() =>
        Offences.None(Comments().Where(comment => NoteToSelf().Any(comment.Text.Contains)).Select(comment => $"{comment.Where}: {comment.Text}"));

    [Fact]
    public void No_comment_is_code() =>
        Offences.None(Comments().Where(comment => IsCode(comment.Text)).Select(comment => $"{comment.Where}: {comment.Text}"));

    [Theory]
    [InlineData("// queue.Enqueue(message);", true)]
    [InlineData("// var size = 3;", true)]
    [InlineData("// the first answer counts (RFC 1035 section 7.3);", false)]
    [InlineData("// a = b means the same;", false)]
    public void Code_in_a_comment_is_told_from_prose(string comment, bool code) => Assert.Equal(code, IsCode(comment));

    private static IEnumerable<string> WrongTypes(SourceFile file)
    {
        var types = file.Syntax.DescendantNodes(node => node is not (BaseTypeDeclarationSyntax or DelegateDeclarationSyntax))
            .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Select(node => node is BaseTypeDeclarationSyntax type ? type.Identifier.Text : ((DelegateDeclarationSyntax)node).Identifier.Text)
            .ToList();
        if (types.Count > 1)
        {
            yield return $"{file}: {types.Count} types: {string.Join(", ", types)}";
        }

        // A partial type may be told in several files: QueryProcessor.cs, QueryProcessor.Answer.cs.
        var name = Path.GetFileNameWithoutExtension(file.Path);
        if (types.Count == 1 && name != types[0] && !name.StartsWith(types[0] + ".", StringComparison.Ordinal))
        {
            yield return $"{file}: holds {types[0]}";
        }
    }

    private static IEnumerable<string> WrongNamespaces(SourceFile file)
    {
        var expected = Path.GetDirectoryName(file.Path)!.Replace('\\', '/').Split('/').Skip(1).Aggregate((left, right) => $"{left}.{right}");
        foreach (var space in file.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>())
        {
            if (space is not FileScopedNamespaceDeclarationSyntax || space.Name.ToString() != expected)
            {
                yield return $"{file}: namespace {space.Name}, expected \"namespace {expected};\"";
            }
        }
    }

    private static bool IsProgram(SourceFile file) => file.Syntax.ChildNodes().OfType<GlobalStatementSyntax>().Any();

    private static bool IsMethod(SyntaxNode node) => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax;

    // From the signature to the closing brace; what is written above (documentation, attributes) is not counted.
    private static int Lines(SyntaxNode method)
    {
        var attributes = method.ChildNodes().OfType<AttributeListSyntax>().LastOrDefault();
        var from = attributes is null ? method.GetFirstToken() : attributes.GetLastToken().GetNextToken();
        var tree = method.SyntaxTree;
        return tree.GetLineSpan(method.Span).EndLinePosition.Line - tree.GetLineSpan(from.Span).StartLinePosition.Line + 1;
    }

    private static int FirstLine(SyntaxNode node) => node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;

    private static IEnumerable<(string Where, string Text)> Comments() => All.SelectMany(file => file.Syntax.DescendantTrivia()
        .Where(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
        .Select(trivia => ($"{file}:{trivia.SyntaxTree!.GetLineSpan(trivia.Span).StartLinePosition.Line + 1}", trivia.ToString())));

    // Spelled so that this file is not found by its own rule.
    private static string[] NoteToSelf() => [$"TO{"DO"}", $"FIX{"ME"}", $"HA{"CK"}", $"XX{"X"}"];

    // Only what ends like a statement, calls or assigns, and parses as one: prose does not.
    private static bool IsCode(string comment)
    {
        var text = comment.TrimStart('/', '*', ' ').TrimEnd('/', '*', ' ');
        if (!text.EndsWith(';') || !(text.Contains('(') || text.Contains(" = ")))
        {
            return false;
        }

        var statement = SyntaxFactory.ParseStatement(text, consumeFullText: true);
        return !statement.ContainsDiagnostics && !statement.IsMissing;
    }
}
