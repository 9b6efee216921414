using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations.Health;

/// <summary>One part of the service.</summary>
/// <param name="Name">Stable, for scripts: <c>relay</c>.</param>
/// <param name="Text">For the operator, with the next step where there is one.</param>
public sealed record HealthItem(string Name, FindingSeverity Severity, string Text);

/// <summary>The TXT record that lets receivers verify the portal's mails.</summary>
/// <param name="Published">Whether DNS answers it now; null when DNS did not answer.</param>
public sealed record SigningKeyRecord(string Name, string Value, bool? Published);

public sealed record HealthReport(IReadOnlyList<HealthItem> Items, SigningKeyRecord? SigningKey)
{
    public FindingSeverity Severity => Items.Select(i => i.Severity).DefaultIfEmpty(FindingSeverity.Ok).Max();
}
