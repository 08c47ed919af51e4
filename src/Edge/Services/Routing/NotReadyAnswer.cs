namespace Edge.Services.Routing;

/// <summary>What would answer is there, and cannot for the moment: 503, and when to ask again.</summary>
/// <param name="State">One word for reports: "starting".</param>
/// <param name="Title">One line for whoever asks.</param>
/// <param name="Text">What it means.</param>
/// <param name="RetrySeconds">After how many seconds to ask again.</param>
internal sealed record NotReadyAnswer(string State, string Title, string Text, int RetrySeconds) : RouteAnswer;
