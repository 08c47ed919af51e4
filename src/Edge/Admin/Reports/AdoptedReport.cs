namespace Edge.Admin.Reports;

/// <summary>What was found is a service now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="File">The file that declares it, as the user knows the folder.</param>
/// <param name="Text">What stands in the file.</param>
internal sealed record AdoptedReport(string Name, string File, string Text);
