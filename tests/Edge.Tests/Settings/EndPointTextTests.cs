using Edge.Settings;

namespace Edge.Tests.Settings;

/// <summary>ADDRESS:PORT of both families, with and without the port.</summary>
public sealed class EndPointTextTests
{
    [Theory]
    [InlineData("127.0.0.1:5300", "127.0.0.1:5300")]
    [InlineData("127.0.0.1", "127.0.0.1:53")]
    [InlineData("[::1]:5300", "[::1]:5300")]
    [InlineData("[::1]", "[::1]:53")]
    [InlineData("::1", "[::1]:53")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    public void With_a_default_port(string text, string expected) => Assert.Equal(expected, EndPointText.Parse(text, 53)?.ToString());

    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("[::]:8080", "[::]:8080")]
    public void Without_one(string text, string expected) => Assert.Equal(expected, EndPointText.Parse(text)?.ToString());

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("localhost:80")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("[::1]:")]
    [InlineData("")]
    public void Without_a_port_where_one_is_needed(string text) => Assert.Null(EndPointText.Parse(text));

    [Theory]
    [InlineData("[::1]:x")]
    [InlineData("here")]
    [InlineData("127.0.0.1:99999")]
    public void Nonsense_is_refused_even_with_a_default(string text) => Assert.Null(EndPointText.Parse(text, 53));
}
