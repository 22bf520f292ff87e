using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace LoadBalancing.Client.Testing;

/// <summary>
/// Checks that the folders of a project use one another downward only. What counts is the folder in which a type or
/// member is declared, resolved by the compiler's semantic model, whatever its namespace. A folder may use itself, any
/// folder on a lower floor, and what <see cref="Allowed"/> lists. Documentation comments may refer to anything.
/// </summary>
/// <remarks>
/// Source generators do not run: a name that only generated code declares is skipped. Callers should check
/// <see cref="FloorReport.CrossFolderUses"/>, which is 0 when nothing could be resolved.
/// </remarks>
public sealed class FloorRules
{
    // What an SDK project imports implicitly; without it, most names would not resolve.
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions ParseOptions = new(
        LanguageVersion.Latest,
        preprocessorSymbols: ["NET", "NET10_0", "NET10_0_OR_GREATER"]);

    // All that this process runs on, but for our own assemblies: their types come from the files.
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("LoadBalancing.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The floor of each top-level folder.</summary>
    public required IReadOnlyDictionary<string, int> Floors { get; init; }

    /// <summary>Pairs of folders on one floor of which the first may use the second.</summary>
    public IReadOnlyCollection<(string From, string To)> Allowed { get; init; } = [];

    /// <summary>Checks all files of a project, as one compilation.</summary>
    public FloorReport Check(IEnumerable<SourceFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        SyntaxTree[] trees = [.. files.Select(file => CSharpSyntaxTree.ParseText(file.Text, ParseOptions, file.Path))];
        var compilation = CSharpCompilation.Create(
            "FloorRules",
            [.. trees, CSharpSyntaxTree.ParseText(ImplicitUsings, ParseOptions)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

        var violations = new List<string>();
        int crossFolderUses = 0;
        foreach (SyntaxTree tree in trees)
        {
            string from = FolderOf(tree.FilePath);
            if (!Floors.ContainsKey(from))
            {
                violations.Add($"{tree.FilePath}: is in no known folder; known are {string.Join(", ", Floors.Keys)}.");
                continue;
            }

            foreach ((SimpleNameSyntax name, ISymbol symbol, string to) in UsesOfOtherFolders(compilation.GetSemanticModel(tree)))
            {
                crossFolderUses++;
                if (!IsAllowed(from, to))
                {
                    int line = tree.GetLineSpan(name.Span).StartLinePosition.Line + 1;
                    violations.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{tree.FilePath}:{line}: {Floor(from)} uses {symbol.ToDisplayString()} of {Floor(to)}."));
                }
            }
        }

        return new FloorReport([.. violations.Distinct(StringComparer.Ordinal)], crossFolderUses);
    }

    private static IEnumerable<(SimpleNameSyntax Name, ISymbol Symbol, string Folder)> UsesOfOtherFolders(SemanticModel model)
    {
        string own = FolderOf(model.SyntaxTree.FilePath);
        foreach (SimpleNameSyntax name in model.SyntaxTree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            // Candidates, because a call may not bind completely where it meets generated code.
            SymbolInfo info = model.GetSymbolInfo(name);
            foreach (ISymbol symbol in (info.Symbol is { } bound ? [bound] : info.CandidateSymbols).Select(Definition))
            {
                foreach (string folder in FoldersOf(symbol).Where(folder => folder != own))
                {
                    yield return (name, symbol, folder);
                }
            }
        }
    }

    /// <summary>The folders that declare a symbol: none for a namespace and for what is not in the files.</summary>
    private static IEnumerable<string> FoldersOf(ISymbol symbol)
    {
        if (symbol is INamespaceSymbol)
        {
            return [];
        }

        return symbol.DeclaringSyntaxReferences.IsEmpty && symbol.ContainingType is { } type
            ? FoldersOf(type) // a member that the compiler made, such as a default constructor
            : symbol.DeclaringSyntaxReferences.Select(reference => FolderOf(reference.SyntaxTree.FilePath)).Distinct(StringComparer.Ordinal);
    }

    // The declaration of an extension method or a constructed generic, not the form in which it is used.
    private static ISymbol Definition(ISymbol symbol) =>
        (symbol is IMethodSymbol { ReducedFrom: { } extension } ? extension : symbol).OriginalDefinition;

    private static string FolderOf(string path) => path.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? path[..end] : "";

    // An unknown folder is on no floor, so nobody may use it; its files are reported anyway.
    private bool IsAllowed(string from, string to) =>
        (Floors.TryGetValue(to, out int floor) && floor < Floors[from]) || Allowed.Contains((from, to));

    private string Floor(string folder) => Floors.TryGetValue(folder, out int floor)
        ? string.Create(CultureInfo.InvariantCulture, $"{folder} (floor {floor})")
        : $"{folder} (no floor)";
}
