using Xunit;

namespace Edge.Tests.HouseRules;

/// <summary>Fails with everything that breaks a rule, one line each.</summary>
internal static class Offences
{
    public static void None(IEnumerable<string> offences)
    {
        var found = offences.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, $"{found.Count}:\n{string.Join("\n", found.Take(60))}");
    }
}
