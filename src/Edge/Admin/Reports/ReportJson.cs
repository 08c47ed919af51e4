using System.Text.Json.Serialization;
using Edge.Dns.Queries;

namespace Edge.Admin.Reports;

/// <summary>The JSON of the admin API, generated at compile time so that the native binary needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(FilterReport))]
[JsonSerializable(typeof(ServicesReport))]
[JsonSerializable(typeof(ZonesReport))]
[JsonSerializable(typeof(CertificateReport[]))]
[JsonSerializable(typeof(CertificateOrder))]
[JsonSerializable(typeof(CertificateAnswer))]
[JsonSerializable(typeof(ClientCertificateReport[]))]
[JsonSerializable(typeof(MadeClientReport))]
[JsonSerializable(typeof(TokenReport[]))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(CreatedToken))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(ResolverReport))]
[JsonSerializable(typeof(ZoneKeysReport))]
[JsonSerializable(typeof(RolloverRequest))]
[JsonSerializable(typeof(RolloverReport))]
[JsonSerializable(typeof(ChangeReport[]))]
[JsonSerializable(typeof(ForgottenReport))]
[JsonSerializable(typeof(BanReport[]))]
[JsonSerializable(typeof(NewBan))]
[JsonSerializable(typeof(DynamicReport[]))]
[JsonSerializable(typeof(OutwardReport[]))]
[JsonSerializable(typeof(FoundServicesReport))]
[JsonSerializable(typeof(WayInReport))]
[JsonSerializable(typeof(Adoption))]
[JsonSerializable(typeof(AdoptedReport))]
[JsonSerializable(typeof(QueriesReport))]
[JsonSerializable(typeof(QueryStatistics))]
internal sealed partial class ReportJson : JsonSerializerContext;
