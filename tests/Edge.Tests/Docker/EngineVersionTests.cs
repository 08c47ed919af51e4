using Edge.Docker;
using Xunit;

namespace Edge.Tests.Docker;

/// <summary>Which version of its API an engine is spoken to in.</summary>
public sealed class EngineVersionTests
{
    [Theory]
    [InlineData("1.24", "1.24")]
    [InlineData("1.41", "1.41")]
    [InlineData("1.51", "1.51")]
    [InlineData("1.60", "1.51")]
    [InlineData("2.0", "1.51")]
    public void Spoken(string theirs, string spoken) => Assert.Equal(spoken, EngineVersion.Parse(theirs)!.Spoken.ToString());

    [Fact]
    public void Too_old_is_told() =>
        Assert.Equal("speaks API version 1.23; 1.24 is the oldest that will do", Assert.Throws<EngineException>(() => EngineVersion.Parse("1.23")!.Spoken).Message);

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.x")]
    [InlineData("1.2.3")]
    [InlineData("-1.2")]
    [InlineData("1.99999999999")]
    public void Nonsense_is_none(string text) => Assert.Null(EngineVersion.Parse(text));
}
