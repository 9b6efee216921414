using Microsoft.Extensions.Options;
using Postmaster.Web.Model;

namespace Postmaster.Web.Hosting;

/// <summary>Whether people reach the portal by https, as <c>Provider:PublicUrl</c> says.</summary>
public sealed class PublicScheme(IOptions<ProviderOptions> provider)
{
    public bool IsHttps { get; } = provider.Value.PublicUrl.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
