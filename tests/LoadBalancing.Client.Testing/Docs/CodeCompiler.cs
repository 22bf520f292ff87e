using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LoadBalancing.Client.Testing;

/// <summary>Compiles the code of a page as a reader would: as the whole of a program, with the usings of an application and a few well-known names in scope.</summary>
public static class CodeCompiler
{
    /// <summary>What a new project has without asking.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private const string Usings = $$"""
        {{ImplicitUsings}}
        global using System.Runtime.CompilerServices;
        global using LoadBalancing.Client;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using static Surroundings;

        internal static class Surroundings
        {
            public static IServiceCollection services => null!;
            public static IServiceProvider provider => null!;
            public static IConfiguration configuration => null!;
            public static HttpClient client => null!;
        }
        """;

    private static readonly MetadataReference[] References =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>The errors and warnings, in the words of the compiler; none if the code is right.</summary>
    public static IReadOnlyList<string> Check(string code) => Check(code, Usings, OutputKind.ConsoleApplication);

    /// <summary>The same for code that is to be the only file of a new console project.</summary>
    public static IReadOnlyList<string> CheckAlone(string code) => Check(code, ImplicitUsings, OutputKind.ConsoleApplication);

    /// <summary>The same for types that are to be a new file of any project.</summary>
    public static IReadOnlyList<string> CheckTypes(string code) => Check(code, ImplicitUsings, OutputKind.DynamicallyLinkedLibrary);

    private static IReadOnlyList<string> Check(string code, string usings, OutputKind kind)
    {
        CSharpParseOptions options = new(LanguageVersion.CSharp14);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Page",
            [CSharpSyntaxTree.ParseText(code, options), CSharpSyntaxTree.ParseText(usings, options)],
            References,
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));
        return [.. compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString())];
    }
}
