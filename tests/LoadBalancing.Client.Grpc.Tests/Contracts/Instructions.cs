using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace LoadBalancing.Client.Grpc.Tests.Contracts;

/// <summary>The constants in the code of a compiled library: values of enums, which a compiler writes as numbers, and texts.</summary>
internal static class Instructions
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>All numbers and texts that methods push, in order, with <see langword="null"/> for every other instruction between them.</summary>
    public static IEnumerable<object?> ReadConstants(AssemblyFile library, string type, string method) => library.FindType(type).GetMethods()
        .Select(library.Reader.GetMethodDefinition)
        .Where(definition => library.Reader.StringComparer.Equals(definition.Name, method))
        .SelectMany(definition => Read(library, definition));

    /// <summary>The number that is pushed right before a text, wherever in the library that is: the same for every place.</summary>
    public static int FindNumberBefore(AssemblyFile library, string text)
    {
        HashSet<int> found = [];
        foreach (MethodDefinition method in library.Reader.MethodDefinitions.Select(library.Reader.GetMethodDefinition).Where(method => method.RelativeVirtualAddress != 0))
        {
            object? before = null;
            foreach (object? constant in Read(library, method))
            {
                if (before is int number && text.Equals(constant))
                {
                    found.Add(number);
                }

                before = constant;
            }
        }

        return found.ShouldHaveSingleItem(text);
    }

    private static IEnumerable<object?> Read(AssemblyFile library, MethodDefinition method)
    {
        byte[] code = library.GetBody(method).GetILBytes()!;
        for (int position = 0; position < code.Length;)
        {
            int value = code[position++];
            OpCode instruction = Codes[value == 0xFE ? 0xFE00 | code[position++] : value];
            int operand = position;
            position += SizeOf(instruction, code, position);
            yield return instruction.OperandType switch
            {
                OperandType.InlineI => BitConverter.ToInt32(code, operand),
                OperandType.ShortInlineI => (int)(sbyte)code[operand],
                OperandType.InlineString => library.Reader.GetUserString(MetadataTokens.UserStringHandle(BitConverter.ToInt32(code, operand))),
                _ when value >= OpCodes.Ldc_I4_0.Value && value <= OpCodes.Ldc_I4_8.Value => value - OpCodes.Ldc_I4_0.Value,
                _ => null,
            };
        }
    }

    private static int SizeOf(OpCode instruction, byte[] code, int position) => instruction.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, position)),
        _ => 4,
    };
}
